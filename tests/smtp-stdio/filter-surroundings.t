# -f: what a filter finds when it is run: descriptors, environment, arguments, the message as
# it would be stored; and that it runs once for a message, and only for one that is whole.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(getcwd);
use Filter;
use MailTest;

my $record = <<'SCRIPT';
echo run >>"$at/runs"
env >"$at/environment"
printf '%s|' "$@" >"$at/arguments"
pwd >"$at/directory"
cat <&3 >"$at/recipients"
SCRIPT
my $remember = 'cat >"$at/message"' . "\n";

sub environment_of {
	my ($filter) = @_;
	return map { /^(\w+)=(.*)$/s ? ($1, $2) : () } split /\n(?=\w+=|\z)/, written_by($filter, 'environment');
}

# One recipient, nobody has logged in.
my $root = new_root('bob@example.com', 'carol@example.com', [ 'eve@example.com', 'secret' ], '*@example.net');
my $filter = new_filter($remember . $record);
my $reply = mail_through(root => $root, filter => $filter, from => '<Sender+x@Client.Example> SIZE=20',
    to => ['<Bob@Example.COM>'], environment => { REMOTE_ADDR => '192.0.2.7', SENDER => 'nobody', AUTHUSER => 'root',
	RECIPIENTS => 'no one', ID => 'x', OTHER => 'one' });
like($reply, qr/^250 2\.0\.0 OK id=/, 'a message is taken');
my ($id) = $reply =~ / id=(\S+)/;
my %found = environment_of($filter);
is($found{SENDER}, 'Sender+x@Client.Example', 'SENDER: the reverse-path as it was sent'); ## smtp-stdio-filter
is($found{AUTHUSER}, '', 'AUTHUSER: nobody'); ## smtp-stdio-filter
is($found{REMOTE_ADDR}, '192.0.2.7', 'REMOTE_ADDR: the peer'); ## smtp-stdio-filter
is($found{ID}, $id, 'ID: that of the 250'); ## smtp-stdio-filter
is($found{RECIPIENTS}, "Bob\@Example.COM\n", 'RECIPIENTS: the forward-path as it was sent'); ## smtp-stdio-filter
is($found{OTHER}, 'one', 'what else is there is passed on');
is(written_by($filter, 'recipients'), "Bob\@Example.COM\n", 'descriptor 3: the same'); ## smtp-stdio-filter
is(written_by($filter, 'arguments'), '|', 'no arguments');
is(written_by($filter, 'directory'), getcwd() . "\n", 'in the same directory');
my ($path) = messages($root, 'bob@example.com');
is(written_by($filter, 'message'), contents($path), 'descriptor 0: the message as it is stored'); ## smtp-stdio-filter
like(written_by($filter, 'message'), qr/\AReturn-Path: <Sender\+x\@Client\.Example>\nReceived: [^\n]*\n[^\n]* id \Q$id\E/s, 'with its trace lines');

# Descriptors: those that belong to it, and no other, least of all the connection.
SKIP: {
	skip('needs /proc', 4) unless -d '/proc/self/fd';
	my $other = new_root('bob@example.com');
	mail_through(root => $other, filter => 'ls -l /proc/self/fd', to => ['<bob@example.com>']);
	my ($listed) = messages($other, 'bob@example.com');
	my $list = contents($listed);
	my %descriptor = $list =~ /^\S+ .* (\d+) -> (.*)$/mg;
	delete @descriptor{grep { $descriptor{$_} =~ m{^/proc/} } keys %descriptor};    # the directory that it reads
	is_deeply([ sort keys %descriptor ], [ 0 .. 3 ], 'descriptors 0 to 3 and no other') or diag $list; ## smtp-stdio-filter
	is_deeply([ grep { $descriptor{$_} !~ m{^\Q$other\E/mail/\.incoming/} } sort keys %descriptor ], [],
	    'each is a file, none the connection') or diag $list; ## smtp-stdio-filter
	like($list, qr/^lr-x\S+ .* $_ -> /m, "descriptor $_ is for reading only") for 0, 3; ## smtp-stdio-filter
}

# The message is a file: it can be read twice, from its start.
$filter = new_filter('cat >"$at/first"; exec 0</dev/fd/0 || exit 1; cat >"$at/second"');
like(mail_through(root => $root, filter => $filter, to => ['<bob@example.com>']), qr/^250 /, 'the file itself can be opened again'); ## smtp-stdio-filter
is(written_by($filter, 'second'), written_by($filter, 'first'), 'and is the same'); ## smtp-stdio-filter
$filter = new_filter(q(perl -e 'my $a = join "", <STDIN>; seek STDIN, 0, 0 or exit 1; exit($a eq join("", <STDIN>) && length $a ? 0 : 2)'));
like(mail_through(root => $root, filter => $filter, to => ['<bob@example.com>']), qr/^250 /, 'it can be rewound'); ## smtp-stdio-filter
$filter = new_filter(q(exec 2>/dev/null; echo spoilt >&0 && exit 1; exit 0));
like(mail_through(root => $root, filter => $filter, to => ['<bob@example.com>']), qr/^250 /, 'it cannot be written to'); ## smtp-stdio-filter

# Arguments: split at blanks, without quoting, without a shell.
$filter = new_filter($record);
like(mail_through(root => $root, filter => qq($filter  one\t'two three' "\$HOME" *;x ), to => ['<bob@example.com>']), qr/^250 /,
    'a command with arguments');
is(written_by($filter, 'arguments'), qq(one|'two|three'|"\$HOME"|*;x|), 'is split at blanks, and that is all'); ## smtp-stdio-filter

# The null reverse-path, and somebody who has logged in.
$filter = new_filter($record);
mail_through(root => $root, filter => $filter, from => '<>', to => ['<bob@example.com>']);
is({ environment_of($filter) }->{SENDER}, '', 'SENDER of the null reverse-path'); ## smtp-stdio-filter
$filter = new_filter($remember . $record);
mail_through(root => $root, filter => $filter, flags => [ '-a', '-p' ], first => ['AUTH PLAIN AGV2ZUBleGFtcGxlLmNvbQBzZWNyZXQ='],
    to => ['<bob@example.com>']);
is({ environment_of($filter) }->{AUTHUSER}, 'eve@example.com', 'AUTHUSER of one who has logged in'); ## smtp-stdio-filter
is({ environment_of($filter) }->{REMOTE_ADDR}, 'unknown', 'REMOTE_ADDR of a peer that is not known'); ## smtp-stdio-filter
like(written_by($filter, 'message'), qr/^Subject: x\nDate: [^\n]+\nMessage-ID: <[^\n]+>\n\ntext\n\z/m, 'with -a it sees the lines that we add'); ## smtp-stdio-filter

# Several recipients: one run, and all of them, whoever is forwarded or unknown.
run('', [ program('mailstore'), '-d', $root, 'forward', 'carol@example.com', 'bob@example.com', 'eve@example.com' ]);
my @to = ('<bob@example.com>', '<carol@example.com>', '<"bob"@EXAMPLE.com>', '<bob+x@example.com>', '<all of@x>', '<nobody@example.com>',
    '<any@example.net>', '<postmaster>');
for my $how ([ DATA => ], [ 'BDAT in chunks' => chunk => 7 ], [ LMTP => flags => ['-l'] ]) {
	my ($name, %how) = @$how;
	$filter = new_filter($record);
	my @taken = grep { !/all of|nobody/ } @to;
	my @replies = mail_through(root => $root, filter => $filter, to => $name eq 'LMTP' ? \@taken : \@to, %how);
	is(scalar(grep { /^250 2\.0\.0 / } @replies), $name eq 'LMTP' ? scalar @taken : 1, "$name: taken") or diag "@replies";
	is(written_by($filter, 'runs'), "run\n", "$name: it runs once"); ## smtp-stdio-filter
	my $paths = join '', map { /^<(.*)>$/ ? "$1\n" : () } @taken;
	is(written_by($filter, 'recipients'), $paths, "$name: descriptor 3 has all that were accepted, in order"); ## smtp-stdio-filter
	is({ environment_of($filter) }->{RECIPIENTS}, $paths, "$name: and so has RECIPIENTS"); ## smtp-stdio-filter
}

# RECIPIENTS has at most 64 KiB; with one octet more it is not there.
my @many = map { sprintf '<%s.%04d@example.net>', 'x' x 47, $_ } 1 .. 1000;        # 64 octets and LF each
for my $case ([ 1000, 65000 ], [ 1008, 65520 ], [ 1009, 0 ], [ 1500, 0 ]) {
	my ($count, $length) = @$case;
	my @paths = map { sprintf '%s.%04d@example.net', 'x' x 47, $_ } 1 .. $count;
	$filter = new_filter($record . '[ "${RECIPIENTS+set}" ] && printf %s "$RECIPIENTS" | wc -c >"$at/length" || echo none >"$at/length"');
	my ($reply) = mail_through(root => $root, filter => $filter, flags => [ '-r', 2000 ], to => [ map { "<$_>" } @paths ],
	    environment => { RECIPIENTS => 'what was there before' });
	like($reply, qr/^250 2\.0\.0 /, "$count recipients: taken");
	my $text = join '', map { "$_\n" } @paths;
	is(written_by($filter, 'recipients'), $text, "$count recipients: descriptor 3 has them all"); ## smtp-stdio-filter
	my ($found) = written_by($filter, 'length') =~ /(\d+|none)/;
	is($found, length $text <= 65536 ? length $text : 'none', "$count recipients: RECIPIENTS"); ## smtp-stdio-filter
}

# Not for a message that is refused whatever it says.
$filter = new_filter($record);
for my $case ([ 'a bare LF' => "Subject: x\n\nbare\nLF" ], [ 'a NUL' => "a\0b" ]) {
	my ($client) = begin_mail(root => $root, filter => $filter, to => ['<bob@example.com>']);
	$client->ask('DATA');
	like($client->ask("$case->[1]\r\n."), qr/^550 5\.6\.0 /, "$case->[0]: refused");
}
like(mail_through(root => $root, filter => $filter, flags => [ '-m', '1k' ], to => ['<bob@example.com>'], message => "x\n" x 2000),
    qr/^552 5\.3\.4 /, 'too big: refused');
like(mail_through(root => $root, filter => $filter, to => ['<bob@example.com>'], message => "Received: x\n" x 101 . "\nx\n"),
    qr/^554 5\.4\.6 /, 'going round: refused');
my ($client) = begin_mail(root => $root, filter => $filter, to => ['<bob@example.com>']);
$client->ask('DATA');
$client->send("half a message\r\n");
$client->close_input;
$client->rest;
$client->status;
like(mail_through(root => $root, filter => $filter, flags => [ '-x', '.=451 4.3.0 Later' ], to => ['<bob@example.com>']),
    qr/^451 4\.3\.0 Later$/, 'a failure on order');
ok(!defined written_by($filter, 'runs'), 'none of them has reached the filter'); ## smtp-stdio-filter
is_deeply([ left_over($root) ], [], 'nothing is left over'); ## smtp-stdio-store-c

# Whoever has started us, it runs as the owner of the mail root.
SKIP: {
	if ($> != 0) {
		fail('needs to be run by root') if $ENV{STRICT};
		skip('needs to be run by root', 3);
	}
	$root = new_root('bob@example.com');
	my ($above) = $root =~ m{^(.*)/};
	chmod 0711, $above;
	system('chown', '-R', '65534:65534', $root) == 0 or die "chown: $?\n";
	like(mail_through(root => $root, filter => 'id', to => ['<bob@example.com>']), qr/^250 /, 'a mail root of another owner');
	my ($listed) = messages($root, 'bob@example.com');
	like(contents($listed), qr/^uid=65534\b.* gid=65534\b/, 'the filter is this one'); ## smtp-stdio-filter
	unlike(contents($listed), qr/\b0\(/, 'and nobody else');
}

done_testing;
