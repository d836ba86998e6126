#!/usr/bin/perl
# pop3-fetch and our server: what its commands show, save and delete, for each thing that a
# server may offer or not.
use strict;
use warnings;
use lib 'tests/lib';
use Encode qw(decode);
use FakePop3;
use JSON::PP;
use MailTest;

my $bob = 'bob@example.com';
my @corpus = sort glob 'tests/mail/*.eml';

# A mail root where Bob has these messages, each as its file is, in this order.
sub root_with {
	my (@files) = @_;
	my $root = new_root([ $bob, 'secret' ]);
	my $number = 1700000000;
	for my $file (@files) {
		my $path = sprintf '%s/mail/example.com/bob/new/%d.x.host', $root, $number++;
		open my $message, '>:raw', $path or die "$path: $!\n";
		print $message $file =~ /\n|\A\z/ ? $file : contents($file);
		close $message or die "$path: $!\n";
	}
	return $root;
}

sub password_file {
	my ($password) = @_;
	my $path = new_file('password');
	open my $file, '>', $path or die "$path: $!\n";
	print $file "$password\n";
	close $file or die "$path: $!\n";
	return $path;
}

# What stands before a command where the mail root is our own.
sub local_with {
	my ($root) = @_;
	return [ '-d', $root, '-u', $bob ];
}

# What stands before a command and behind it, for a server with these flags.
my $secret = password_file('secret');
sub server {
	my ($root, @flags) = @_;
	return ([ '-u', $bob, '-w', $secret ], [ '--', program('pop3-stdio'), '-d', $root, '-p', @flags ]);
}

# list: all there is in the corpus
{
	my $root = root_with(@corpus);
	my ($status, $output, $errors) = fetch([ @{local_with($root)}, 'list' ], environment => { TZ => 'XXX-1' });
	is($status, 0, 'list: exit status') or diag($errors);
	my @lines = split /\n/, $output;
	is(scalar @lines, scalar @corpus, 'list: a line a message');
	unlike($output, qr/[\x00-\x08\x0b-\x1f\x7f]/, 'list: without a control character');
	unlike($output, qr/ $/m, 'list: no line ends in a blank');
	my ($line) = grep { /\xc3\xa9cole/ } @lines;
	like($line, qr/^\d\d +\d+  2026-01-13 08:00  J\xc3\xbcrgen +R\xc3\xa9union \xc3\xa0 l'\xc3\xa9cole/, 'list: decoded, in local time');

	my ($one, $json) = fetch([ '-j', @{local_with($root)}, 'list' ]);
	my @objects = map { decode_json($_) } split /\n/, $json;
	is(scalar @objects, scalar @corpus, 'list -j: an object a line');
	is_deeply([ map { $_->{number} } @objects ], [ 1 .. @corpus ], 'list -j: the numbers');
	is_deeply([ grep { !/\A\d+\.x\.host\z/ } map { $_->{uid} } @objects ], [], 'list -j: the unique-ids');
	my ($object) = grep { $_->{subject} =~ /cole/ } @objects;
	is($object->{date}, '2026-01-13T08:00:00+01:00', 'list -j: the date is ISO 8601');
	like($object->{from}, qr/\AJ\x{fc}rgen <.*>\z/, 'list -j: from is decoded, with the address');

	for my $less ([ '-X', 'PIPELINING' ], [ '-x', 'CAPA=-ERR' ], [ '-X', 'SASL' ]) {
		my ($before, $behind) = server($root, @$less);
		my ($also, $same) = fetch([ @$before, 'list', @$behind ], environment => { TZ => 'XXX-1' });
		is($also, 0, "list, @$less: exit status");
		is($same, $output, "list, @$less: the same");
	}
	my ($before, $behind) = server($root, '-X', 'TOP');
	my ($short, $bare) = fetch([ @$before, 'list', @$behind ]);
	is($short, 0, 'list without TOP: exit status');
	is(scalar(grep { /^ ?\d+ +\d+$/ } split /\n/, $bare), scalar @corpus, 'list without TOP: numbers and octets');
	($before, $behind) = server($root, '-X', 'UIDL');
	($short, $bare) = fetch([ '-j', @$before, 'list', @$behind ]);
	is($short, 0, 'list -j without UIDL: exit status');
	unlike($bare, qr/"uid"/, 'list -j without UIDL: no uid');

	# read -r: octet for octet
	my ($raw, $all) = fetch([ '-r', @{local_with($root)}, 'read', 1 .. @corpus ]);
	is($raw, 0, 'read -r: exit status');
	is($all, join('', map { my $text = contents($_); length $text && $text !~ /\n\z/ ? "$text\n" : $text } @corpus),
	    'read -r: octet for octet, with a last line end');

	# read: nothing of it does anything to a terminal, and each message has text in UTF-8
	my ($shown, $text) = fetch([ @{local_with($root)}, 'read', 1 .. @corpus ]);
	is($shown, 0, 'read: exit status');
	unlike($text, qr/[\x00-\x08\x0b-\x1f\x7f]/, 'read: no control character');
	ok(eval { decode('UTF-8', $text, Encode::FB_CROAK); 1 }, 'read: UTF-8');
	my ($read, $objects) = fetch([ '-j', @{local_with($root)}, 'read', 1 .. @corpus ]);
	is(scalar(grep { defined eval { decode_json($_)->{text} } } split /\n/, $objects), scalar @corpus, 'read -j: an object a line');
}

# read: one message of each kind
sub reads {
	my ($name, $message, $expected) = @_;
	my $root = root_with($message);
	my ($status, $output, $errors) = fetch([ @{local_with($root)}, 'read', 1 ]);
	is($status, 0, "read: $name: exit status") or diag($errors);
	is($output, $expected, "read: $name");
}
my $head = "From: a\@example.org\nSubject: x\n";
reads('a text', "${head}Received: y\n\nHello\n", "$head\nHello\n");
reads('no text', "$head\n", "$head\n");
reads('a text without a last line end', "$head\nHello", "$head\nHello\n");
reads('controls', "$head\n\ta\eb\x07c\x9b\xc2\x9bd\r\x00e\n", "$head\n\ta?b?c???d??e\n");
reads('base 64', "${head}Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\nR3L832U=\n",
    "$head\nGr\xc3\xbc\xc3\x9fe\n");
reads('CRLF in base 64', "${head}Content-Transfer-Encoding: base64\n\nYQ0KYg0K\n", "$head\na\nb\n");
reads('an unknown charset', "${head}Content-Type: text/plain; charset=x-none\n\na\xe9b\n", "$head\na?b\n");
reads('HTML', "${head}Content-Type: text/html\n\n<p>a &amp; b</p><p>c</p>\n", "$head\na & b\n\nc\n");
reads('alternatives', "${head}Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/html\n\n<b>no</b>\n--x\n\nyes\n--x--\n",
    "$head\nyes\n");
reads('an attachment', "${head}Content-Type: multipart/mixed; boundary=x\n\n--x\n\nHello\n--x\nContent-Type: a/b; name=\"c\e.d\"\n"
    . "Content-Transfer-Encoding: base64\n\nAAAA\n--x--\n", "$head\nHello\n\n[c?.d, a/b, 3 octets]\n");
reads('a text that is attached', "${head}Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Disposition: attachment; filename=a.txt\n\nno\n--x\n\nyes\n--x--\n",
    "$head\nyes\n\n[a.txt, text/plain, 2 octets]\n");

# A message of any size: memory does not grow with it
{
	my $root = root_with("${head}Content-Type: multipart/mixed; boundary=x\n\n--x\n\nHello\n--x\nContent-Type: a/b\n\n" . 'x' x 20_000_000
	    . "\n" . "y\n" x 1000000 . "--x--\n");
	my ($status, $output, $errors) = fetch([ @{local_with($root)}, 'read', 1 ], $ENV{SANITIZED} ? () :
	    (command => [ 'sh', '-c', 'ulimit -v 16000; exec "$0" "$@"', program('pop3-fetch'), @{local_with($root)}, 'read', 1 ]));
	is($status, 0, 'read: a message of 22 megabytes') or diag($errors);
	is($output, "$head\nHello\n\n[a/b, 22000000 octets]\n", 'read: its text') or diag(length $output);
}

# delete
{
	my $root = root_with(map { "Subject: $_\n\n" } 1 .. 5);
	my ($status, undef, $errors) = fetch([ @{local_with($root)}, 'delete', 2, 9, 4 ]);
	is($status, 69, 'delete: one that is not there');
	like($errors, qr/\Apop3-fetch: \S+ refuses DELE 9: .*\n\z/, 'delete: it is named');
	my (undef, $output) = fetch([ @{local_with($root)}, 'list' ]);
	is(join('', $output =~ /(\d)$/mg), '135', 'delete: the others are gone');
	($status, undef, $errors) = fetch([ @{local_with($root)}, 'read', 9, 2 ]);
	is($status, 69, 'read: one that is not there');
	like($errors, qr/refuses LIST 9/, 'read: it is named');
}

# save
for my $maildir (0, 1) {
	my $what = $maildir ? 'save, to a Maildir' : 'save';
	my $root = root_with(@corpus);
	my $to = new_file('to');
	if ($maildir) {
		mkdir $_ or die "$_: $!\n" for $to, map { "$to/$_" } 'cur', 'new', 'tmp';
	}
	my @expected = sort map { my $text = contents($_); length $text && $text !~ /\n\z/ ? "$text\n" : $text } @corpus;
	my ($status, $output, $errors) = fetch([ '-k', @{local_with($root)}, 'save', $to, 3, 1 ]);
	is($status, 0, "$what: two of them") or diag($errors);
	is("$output$errors", '', "$what: nothing is said");
	is(scalar keys %{{ files_in($to) }}, 2, "$what: two are there");
	($status) = fetch([ '-k', @{local_with($root)}, 'save', $to ]);
	is($status, 0, "$what -k: exit status");
	is_deeply([ sort values %{{ files_in($to) }} ], \@expected, "$what -k: all are there, octet for octet");
	is(scalar messages($root, $bob), scalar @corpus, "$what -k: and on the server");
	is(scalar(() = contents("$to/.pop3-fetch") =~ /\n/g), scalar @corpus, "$what -k: and remembered");
	my %before = files_in($to);
	unlink map { -e "$to/$_" ? "$to/$_" : "$to/new/$_" } keys %before;
	($status) = fetch([ @{local_with($root)}, 'save', $to ]);
	is($status, 0, "$what: what was saved and taken away");
	is(scalar keys %{{ files_in($to) }}, 0, "$what: is not saved again");
	is(scalar messages($root, $bob), 0, "$what: and is deleted on the server");
	is(-s "$to/.pop3-fetch", 0, "$what: and forgotten");
	($status) = fetch([ @{local_with($root)}, 'save', $to ]);
	is($status, 0, "$what: nothing is there any more");
	my @modes = grep { ((stat $_)[2] & 077) != 0 } glob("$to/.pop3-fetch");
	is("@modes", '', "$what: for the user alone");
}

# save: what may stand in the way
{
	my $root = root_with("Subject: 1\n\n");
	my $to = new_file('to');
	my ($status, undef, $errors) = fetch([ @{local_with($root)}, 'save', $to, 1, 7 ]);
	is($status, 69, 'save: one that is not there');
	like($errors, qr/\Apop3-fetch: there is no message 7\n\z/, 'save: it is named');
	is(scalar keys %{{ files_in($to) }}, 1, 'save: the other one is saved');

	$root = root_with("Subject: 1\n\n");
	($status, undef, $errors) = fetch([ @{local_with($root)}, 'save', "$to/no/such" ]);
	is($status, 73, 'save: a directory that cannot be made');
	open my $file, '>', "$to/file" or die "$to/file: $!\n";
	close $file;
	($status, undef, $errors) = fetch([ @{local_with($root)}, 'save', "$to/file" ]);
	is($status, 73, 'save: no directory');

	# as another process that saves there: a lock, held by a program that is no lock of ours
	my $holder = Program->start(command => [ $^X, '-e', 'use Fcntl; open F, "+<", shift or die; my $lock = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0);'
	    . ' fcntl F, F_SETLK, $lock or die "$!"; $| = 1; print "held\r\n"; <STDIN>', "$to/.pop3-fetch" ]);
	is($holder->line, 'held', 'another process has the directory');
	($status, undef, $errors) = fetch([ @{local_with($root)}, 'save', $to ]);
	is($status, 75, 'save: two at once: exit status');
	like($errors, qr/another pop3-fetch saves to/, 'save: two at once: it is said');
	is(scalar messages($root, $bob), 1, 'save: two at once: it stays on the server');
	$holder->close_input;
	is($holder->status, 0, 'the other process has ended');

	# a record that a crash has cut, in the middle of a name
	open $file, '>', "$to/.pop3-fetch" or die "$to/.pop3-fetch: $!\n";
	print $file "$root $bob 1700000000.x.host 14 1700000000.x";
	close $file;
	($status) = fetch([ @{local_with($root)}, 'save', $to ]);
	is($status, 0, 'save: a record that is cut');
	is(scalar messages($root, $bob), 0, 'save: a record that is cut: deleted on the server');
	is(scalar(grep { /eml/ } keys %{{ files_in($to) }}), 2, 'save: and saved');
}

# The same unique-id on two servers: two messages
{
	my $to = new_file('to');
	for my $text ('one', 'two') {
		my ($server) = fake([ "Subject: $text\r\n\r\n" ]);
		my ($status) = fetch([ '-u', 'bob', '-w', $secret, 'save', $to, @$server ]);
		is($status, 0, "save: server $text");
	}
	my %files = files_in($to);
	is(join(' ', sort keys %files), 'id-1-2.eml id-1.eml', 'save: of the same unique-id on two servers both are there');
}

# A disk that is full
SKIP: {
	skip 'a limit on files is the shell\'s to set', 2 if $ENV{SANITIZED};
	my $root = root_with("Subject: 1\n\n" . "line\n" x 400000);
	my $to = new_file('to');
	my ($status, undef, $errors) = fetch([], command => [ 'sh', '-c', 'ulimit -f 1000; exec "$0" "$@"', program('pop3-fetch'),
	    '-u', $bob, '-w', $secret, 'save', $to, '--', program('pop3-stdio'), '-d', $root, '-p' ]);
	is($status, 75, 'save: no room: exit status');
	like($errors, qr/cannot write a message in \S+: File too large/, 'save: no room: it is said');
	is(join(' ', map { s{.*/}{}r } glob("$to/* $to/.pop3-fetch.*")), '', 'save: no room: nothing is left');
}

# The login
sub logs_in {
	my ($name, $status, $pattern, @arguments) = @_;
	my ($got, undef, $errors) = fetch(\@arguments);
	is($got, $status, "$name: exit status");
	like($errors, $pattern, "$name: what is said");
	return $errors;
}
{
	my $root = root_with("Subject: 1\n\n");
	my $wrong = password_file('wrong');
	my @local = ('-d', $root, '-u', $bob);
	logs_in('a password from a file', 0, qr/\A\z/, @local, '-w', $secret, 'list');
	logs_in('a password from a command', 0, qr/\A\z/, @local, '-w', '|echo secret', 'list');
	logs_in('a wrong password', 69, qr/\Apop3-fetch: .* refuses the login: \[AUTH\]/, @local, '-w', $wrong, 'list');
	logs_in('no such file', 66, qr/password/, @local, '-w', "$secret.not", 'list');
	logs_in('an unknown user', 69, qr/there is no account carol\@example\.com/, '-d', $root, '-u', 'carol@example.com', 'list');
	ok(!-e "$root/accounts/example.com/carol", 'an unknown user: is none afterwards');
	logs_in('no address', 69, qr/there is no account bob in/, '-d', $root, '-u', 'bob', 'list');
	logs_in('no mail root', 66, qr/there is no mail root/, '-d', "$root.not", '-u', $bob, 'list');
	my $said = logs_in('SCRAM', 0, qr/^C: QUIT$/m, '-v', @local, '-w', $secret, 'list');
	unlike($said, qr/secret/, 'the password is not shown');
	for my $less ([ '-X', 'SASL' ], [ '-x', 'CAPA=-ERR' ]) {
		my ($before, $behind) = server($root, @$less);
		my $with = logs_in("USER and PASS, @$less", 0, qr/^C: USER \Q$bob\E$/m, '-v', @$before, 'list', @$behind);
		unlike($with, qr/secret/, "USER and PASS, @$less: the password is not shown");
	}
	my ($before, $behind) = server($root, '-x', 'RETR=-ERR [SYS/TEMP] Later');
	logs_in('a refusal for now', 75, qr/\[SYS\/TEMP\] Later/, @$before, 'read', 1, @$behind);
	my $busy = start('pop3-stdio', $root, [ '-p' ]);
	$busy->line;
	$busy->send("USER $bob\r\nPASS secret\r\n");
	$busy->line for 1, 2;
	logs_in('a mailbox in use', 75, qr/\[IN-USE\]/, @local, 'list');
	$busy->close_input;
	$busy->status;
}

# Somebody stops it
for my $signal ('TERM', 'INT', 'HUP') {
	my $to = new_file('to');
	my ($server, $log) = fake([ map { "Subject: $_\r\n\r\n" } 1 .. 3 ], 'RETR 2' => "+OK\r\nSubject: 2\r\n");
	my $fetch = Program->start(command => [ program('pop3-fetch'), '-u', 'bob', '-w', $secret, 'save', $to, @$server ]);
	ok(wait_until { -e $log && contents($log) =~ /RETR 2/ && glob "$to/.pop3-fetch.id-2*" } , "SIG$signal: it is saving");
	$fetch->signal($signal);
	is($fetch->status, 75, "SIG$signal: exit status");
	is(join(' ', map { s{.*/}{}r } glob("$to/* $to/.pop3-fetch.*")), 'id-1.eml', "SIG$signal: what is whole is there");
	unlike(contents($log), qr/^(?:DELE|QUIT)/m, "SIG$signal: nothing is deleted");
}

# Without descriptors of its own
{
	my $root = root_with("Subject: 1\n\n");
	my @all = (program('pop3-fetch'), '-k', '-d', $root, '-u', $bob);
	my $to = new_file('to');
	my ($status) = fetch([], command => [ 'sh', '-c', 'exec "$0" "$@" <&- >&- 2>&-', @all, 'save', $to ]);
	is($status, 0, 'save: all descriptors are closed');
	is(join('', values %{{ files_in($to) }}), "Subject: 1\n\n", 'save: the message is there');
	like(contents("$to/.pop3-fetch"), qr/\A\S+ \Q$bob\E \S+ \d+ \S+ \.\n\z/, 'save: and its record');
	($status) = fetch([], command => [ 'sh', '-c', 'exec "$0" "$@" >&-', @all, 'list' ]);
	is($status, 74, 'list: standard output is closed');
	($status) = fetch([], command => [ 'sh', '-c', 'exec "$0" "$@" >/dev/full', @all, 'list' ]);
	is($status, 74, 'list: standard output is full');
}

# On a terminal lines are as wide as that, in columns and not in octets
SKIP: {
	my $needs = 'needs script (Debian package bsdutils)';
	if (!grep { -x "$_/script" } split /:/, $ENV{PATH}) {
		fail($needs) if $ENV{STRICT};
		skip $needs, 6;
	}
	my $root = root_with(@corpus);
	for my $columns (80, 60, 30) {
		my ($status, $output) = fetch([], command => [ 'script', '-qec',
		    "stty cols $columns; exec '@{[ program('pop3-fetch') ]}' -d '$root' -u $bob list", '/dev/null' ]);
		is($status, 0, "list: a terminal of $columns columns");
		my @wide = grep { length > $columns } map { my $line = decode('UTF-8', $_);
		    $line =~ s/[\x{1100}-\x{115f}\x{2e80}-\x{a4cf}\x{ac00}-\x{d7a3}\x{ff00}-\x{ff60}\x{1f300}-\x{1faff}]/ww/g;
		    $line =~ s/[\x{300}-\x{36f}\x{200b}-\x{200f}\x{fe0f}]//g; $line } split /\r?\n/, $output;
		is(scalar @wide, 0, "list: no line is over $columns") or diag(map { "$_\n" } @wide);
	}
}

# The command line
for ([ 'no command' ], [ 'an unknown command', 'foo' ], [ 'read of nothing', 'read' ], [ 'delete of nothing', 'delete' ],
    [ 'save to nowhere', 'save' ], [ 'number 0', 'read', 0 ], [ 'no number', 'read', 'x' ], [ 'a number past 32 bits', 'read', '4294967297' ],
    [ 'a negative number', 'delete', '-1' ], [ 'list with an operand', 'list', 1 ], [ 'no message-number', 'save', '/nowhere', 'x' ],
    [ 'an unknown flag', '-Q', 'list' ], [ 'a flag behind the command', 'list', '-j' ], [ 'two forms', '-j', '-r', 'read', 1 ],
    [ 'a line end in the user', '-u', "a\r\nDELE 1", 'list' ], [ 'no time', '-T', 0, 'list' ], [ 'an empty command', 'list', '--' ]) {
	my ($name, @arguments) = @$_;
	my ($status, $output, $errors) = fetch([ '-u', 'bob', @arguments ]);
	is($status, 64, "$name: a usage error");
	like($errors, qr/\Apop3-fetch: |\A.*\nusage: pop3-fetch/, "$name: the synopsis") or diag($errors);
	is($output, '', "$name: nothing else");
}
my ($status) = fetch([ 'list' ]);
is($status, 64, 'no user: a usage error');

done_testing();
