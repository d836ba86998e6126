#!/usr/bin/perl
# pop3-fetch and servers that keep to nothing: each time a line that says what came, and the
# exit status; nothing is lost, and no file is saved in part.
use strict;
use warnings;
use lib 'tests/lib';
use FakePop3;
use MailTest;

my $password = new_file('password');
open my $handle, '>', $password or die "$password: $!\n";
print $handle "secret\n";
close $handle or die "$password: $!\n";

my @messages = map { "Subject: $_\r\n\r\nText $_\r\n" } 1 .. 3;
my @who = ('-u', 'bob', '-w', $password);

# Runs a command with a server that answers so: the status, and a pattern for what is said.
sub fails {
	my ($name, $command, $answers, $status, $pattern) = @_;
	my ($server) = fake(\@messages, %$answers);
	my ($got, $output, $errors) = fetch([ '-T', 1, @who, @$command, @$server ]);
	is($got, $status, "$name: exit status") or diag($errors);
	like($errors, qr/\Apop3-fetch: $pattern.*\n\z/, "$name: one line says it");
	unlike($errors . $output, qr/[\x00-\x08\x0b-\x1f\x7f]/, "$name: without a control character");
}

my @list = ('list');

# The greeting and the login
fails('no greeting', \@list, { greeting => $CLOSE }, 75, qr/\S*perl closed without answering/);
fails('a late greeting', \@list, { greeting => $HANG }, 75, qr/.*has not answered the connection in 1 seconds/);
fails('a greeting of another protocol', \@list, { greeting => "220 mail ESMTP\r\n" }, 69, qr/.*neither \+OK nor -ERR.*220 mail ESMTP/);
fails('a greeting of a terminal', \@list, { greeting => "\e[2J\a+OK\r\n" }, 69, qr/.*\?\[2J\?\+OK/);
fails('a greeting with a NUL', \@list, { greeting => "+OK \0\r\n" }, 69, qr/.*control characters/);
fails('no service', \@list, { greeting => "-ERR [SYS/TEMP] Later\r\n" }, 75, qr/.*\[SYS\/TEMP\] Later/);
fails('no service for you', \@list, { greeting => "-ERR Go away\r\n" }, 69, qr/.*Go away/);
fails('a wrong password', \@list, { PASS => "-ERR [AUTH] Wrong\r\n" }, 69, qr/.*refuses PASS: \[AUTH\] Wrong/);
fails('a mailbox in use', \@list, { PASS => "-ERR [IN-USE] Busy\r\n" }, 75, qr/.*\[IN-USE\] Busy/);
fails('too early', \@list, { PASS => "-ERR [LOGIN-DELAY] Too early\r\n" }, 75, qr/.*\[LOGIN-DELAY\]/);
fails('lost at the password', \@list, { PASS => $CLOSE }, 75, qr/.*PASS/);
fails('a challenge for a user', \@list, { USER => "+ \r\n" }, 69, qr/.*answers USER/);
fails('endless capabilities', \@list, { CAPA => "+OK\r\n<endless>X-FOO\r\n" }, 69, qr/.*CAPA has no end/);
fails('a mechanism that says nonsense', \@list, { CAPA => "+OK\r\nSASL PLAIN\r\n.\r\n", AUTH => "* what\r\n" }, 69, qr/.*the login/);
fails('a proof that is none', \@list, { CAPA => "+OK\r\nSASL SCRAM-SHA-256\r\n.\r\n", AUTH => "+OK\r\n" }, 69, qr/.*has not proven/);
fails('a challenge that is no base 64', \@list, { CAPA => "+OK\r\nSASL SCRAM-SHA-256\r\n.\r\n", AUTH => "+ %%%\r\n" }, 69,
    qr/.*no base 64/);

# Lists
for ([ 'no number', 'x 10' ], [ 'no size', '1' ], [ 'a size that is none', '1 x' ], [ 'number 0', '0 10' ],
    [ 'a number past 64 bits', '18446744073709551617 10' ], [ 'a size past 64 bits', '1 18446744073709551616' ],
    [ 'a negative size', '1 -5' ], [ 'an empty line', '' ], [ 'a number twice', "1 10\r\n1 10" ],
    [ 'numbers that descend', "2 10\r\n1 10" ]) {
	my ($name, $lines) = @$_;
	fails("LIST: $name", \@list, { LIST => "+OK\r\n$lines\r\n.\r\n" }, 69, qr/.*lists, in answer to LIST, what cannot be/);
}
fails('LIST is refused', \@list, { LIST => "-ERR No\r\n" }, 69, qr/.*refuses LIST: No/);
fails('LIST is cut', \@list, { LIST => "+OK\r\n1 10\r\n<close>" }, 75, qr/.*closed without answering LIST/);
fails('LIST hangs', \@list, { LIST => $HANG }, 75, qr/.*not answered LIST/);
fails('LIST has a NUL', \@list, { LIST => "+OK\r\n1 1\x000\r\n.\r\n" }, 69, qr/.*control characters/);
fails('LIST without an end', \@list, { LIST => "+OK\r\n<endless>1 10\r\n" }, 69, qr/.*what cannot be: 1 10/);
fails('TOP is cut', \@list, { 'TOP 2 0' => "+OK\r\nSubject: x\r\n<close>" }, 75, qr/.*TOP 2 0/);
fails('TOP is refused', \@list, { 'TOP 2 0' => "-ERR No\r\n" }, 69, qr/.*refuses TOP 2 0/);
fails('TOP without an end', \@list, { 'TOP 2 0' => "+OK\r\n<endless>X: y\r\n" }, 69, qr/.*TOP 2 0 has no end/);

# Messages
fails('read what is not there', [ 'read', 9 ], {}, 69, qr/.*refuses LIST 9/);
fails('RETR is cut', [ 'read', 1 ], { 'RETR 1' => "+OK\r\nSubject: x\r\n<close>" }, 75, qr/.*RETR 1/);
fails('RETR without an end', [ 'read', 1 ], { 'RETR 1' => "+OK\r\n<endless>long\r\n" }, 69, qr/.*RETR 1 has no end/);
fails('RETR hangs', [ 'read', 1 ], { 'RETR 1' => "+OK\r\n" }, 75, qr/.*not answered RETR 1/);
fails('RETR drips', [ 'read', 1 ], { 'RETR 1' => "+OK\r\n<drip>x" }, 75, qr/.*not answered RETR 1/);
fails('LIST drips', \@list, { LIST => "+OK\r\n<drip>1" }, 75, qr/.*not answered LIST/);
fails('a size of another message', [ 'read', 1 ], { 'LIST 1' => "+OK 2 10\r\n" }, 69, qr/.*LIST 1 with what is no size: 2 10/);
fails('read: a size past 64 bits', [ 'read', 1 ], { 'LIST 1' => "+OK 1 99999999999999999999\r\n" }, 69, qr/.*no size/);
{
	my ($server) = fake(\@messages, 'RETR 1' => "+OK\r\nSubject: x\r\n<close>");
	my (undef, $output) = fetch([ @who, 'read', 1, @$server ]);
	is($output, '', 'of a message that is cut nothing is shown');
}

# Deleting
fails('DELE is refused', [ 'delete', 2 ], { DELE => "-ERR No\r\n" }, 69, qr/.*refuses DELE 2/);
fails('lost at DELE', [ 'delete', 2 ], { DELE => $CLOSE }, 75, qr/.*DELE 2/);
{
	my ($server) = fake(\@messages, QUIT => "-ERR Not all removed\r\n");
	my ($status, undef, $errors) = fetch([ @who, 'delete', 1, @$server ]);
	is($status, 75, 'QUIT is refused: exit status');
	like($errors, qr/refuses QUIT: Not all removed\n.*may still be there/, 'and both are said');
	($server) = fake(\@messages, QUIT => $CLOSE);
	($status, undef, $errors) = fetch([ @who, 'delete', 1, @$server ]);
	is($status, 75, 'lost at QUIT: exit status');
	like($errors, qr/QUIT\n.*may still be there/, 'and it is said');
	my $log;
	($server, $log) = fake(\@messages, 'DELE 2' => "-ERR No\r\n");
	($status, undef, $errors) = fetch([ @who, 'delete', 1, 2, 3, @$server ]);
	is($status, 69, 'one of three is refused: exit status');
	like(contents($log), qr/^DELE 1\nDELE 2\nDELE 3\nQUIT\n\z/m, 'the others are deleted');
}

# Saving: what is broken leaves nothing behind, and the next run has all
sub saves_later {
	my ($name, $answers, $status, $pattern, $count) = @_;
	for my $maildir (0, 1) {
		my $title = $maildir ? "$name, in a Maildir" : $name;
		my $to = new_file('to');
		if ($maildir) {
			mkdir $_ or die "$_: $!\n" for $to, map { "$to/$_" } 'cur', 'new', 'tmp';
		}
		my ($server, $log) = fake(\@messages, %$answers);
		my ($got, undef, $errors) = fetch([ '-T', 1, @who, 'save', $to, @$server ]);
		is($got, $status, "$title: exit status") or diag($errors);
		like($errors, qr/\Apop3-fetch: $pattern/, "$title: it is said");
		my %files = -d $to ? files_in($to) : ();
		is(scalar keys %files, $count, "$title: $count are there");
		is(scalar(grep { $_ !~ /\ASubject: \d\n\nText \d\n\z/ } values %files), 0, "$title: whole");
		unlike(contents($log), qr/^DELE/m, "$title: nothing is deleted");
		is(join(' ', grep { !/record/ } map { glob "$_/.pop3-fetch.*" } $to, "$to/tmp"), '', "$title: no other file is left");
	}
}
saves_later('the second is cut', { 'RETR 2' => "+OK\r\nSubject: 2\r\n<close>" }, 75, qr/.*RETR 2/, 1);
saves_later('the second hangs', { 'RETR 2' => "+OK\r\nSubject: 2\r\n" }, 75, qr/.*RETR 2/, 1);
saves_later('the second has no end', { 'RETR 2' => "+OK\r\n<endless>more\r\n" }, 69, qr/.*RETR 2 has no end/, 1);
saves_later('the second is answered by nonsense', { 'RETR 2' => "what\r\n" }, 69, qr/.*answers RETR 2/, 1);
saves_later('no UIDL', { UIDL => "-ERR What?\r\n" }, 69, qr/.*no unique-ids/, 0);
saves_later('UIDL is cut', { UIDL => "+OK\r\n1 a\r\n<close>" }, 75, qr/.*UIDL/, 0);
saves_later('UIDL is short', { UIDL => "+OK\r\n1 a\r\n.\r\n" }, 69, qr/.*fewer messages/, 0);
for ([ 'more than LIST', "1 a\r\n2 b\r\n3 c\r\n4 d" ], [ 'another number', "1 a\r\n3 b\r\n4 c" ], [ 'no id', "1 a\r\n2\r\n3 c" ],
    [ 'an empty id', "1 a\r\n2 \r\n3 c" ], [ 'blanks in an id', "1 a\r\n2 b c\r\n3 d" ], [ 'a long id', "1 a\r\n2 " . 'b' x 71 . "\r\n3 c" ],
    [ 'eight bits', "1 a\r\n2 \xc3\xa4\r\n3 c" ]) {
	my ($name, $lines) = @$_;
	saves_later("UIDL: $name", { UIDL => "+OK\r\n$lines\r\n.\r\n" }, 69, qr/.*lists, in answer to UIDL, what cannot be/, 0);
}

# Names that want to be paths stay in the directory
{
	my $above = new_file('above');
	mkdir $above or die "$above: $!\n";
	my @ids = ('../../escaped', '/etc/passwd', '..', '.', '.hidden', 'a/../b', '~root', 'C:\\x', '%2e%2e', '-rf', '*?');
	my @many = map { "Subject: $_\r\n\r\n" } 0 .. $#ids;
	my ($server) = fake(\@many, UIDL => "+OK\r\n" . join('', map { $_ + 1 . " $ids[$_]\r\n" } 0 .. $#ids) . ".\r\n");
	my ($status, undef, $errors) = fetch([ @who, 'save', "$above/in", @$server ]);
	is($status, 0, 'odd unique-ids: exit status') or diag($errors);
	my %files = files_in("$above/in");
	is(scalar keys %files, scalar @ids, 'odd unique-ids: a file for each');
	is(scalar(grep { !/\A[\w%+=\@-][\w.%+=\@-]*\.eml\z/ } keys %files), 0, 'odd unique-ids: with tame names') or diag(join ' ', keys %files);
	is(join(' ', map { s{.*/}{}r } glob "$above/*"), 'in', 'odd unique-ids: and nothing beside them');
}

# One unique-id of several messages: nothing is lost, whatever their sizes
for my $sizes ([ 9, 9, 9 ], [ 9, 8, 7 ]) {
	my @same = map { "Subject: $_" . 'x' x $sizes->[$_ - 1] . "\r\n\r\n" } 1 .. 3;
	my $to = new_file('to');
	my $name = "a unique-id of three, sizes @$sizes";
	my ($server, $log) = fake(\@same, UIDL => "+OK\r\n1 same\r\n2 same\r\n3 same\r\n.\r\n");
	my ($status) = fetch([ '-k', @who, 'save', $to, 1, 2, @$server ]);
	is($status, 0, "$name: exit status");
	is(scalar keys %{{ files_in($to) }}, 2, "$name: two are saved");
	# the first one has gone meanwhile: the third is not the one that is remembered
	my @rest = @same[1, 2];
	@$server = @{(fake(\@rest, UIDL => "+OK\r\n1 same\r\n2 same\r\n.\r\n"))[0]};
	($status) = fetch([ @who, 'save', $to, @$server ]);
	is($status, 0, "$name: the rest: exit status");
	my %texts = map { $_ => 1 } values %{{ files_in($to) }};
	is(scalar keys %texts, 3, "$name: all are there");
}

# A part of a message is not taken for another one whose name it would have got
{
	my $to = new_file('to');
	my ($first) = fake([ $messages[0] ]);
	fetch([ '-k', @who, 'save', $to, @$first ]);
	unlink "$to/id-1.eml" or die "$to/id-1.eml: $!\n";
	my ($second, $log) = fake([ $messages[1] ], 'RETR 1' => "+OK\r\nSubj");
	my $killed = Program->start(command => [ program('pop3-fetch'), @who, 'save', $to, @$second ]);
	ok(wait_until { glob "$to/.pop3-fetch.id-1*" }, 'a message is being fetched');
	$killed->stop;
	my ($status) = fetch([ '-k', @who, 'save', $to, @$first ]);
	is($status, 0, 'another one is fetched');
	is(join(' ', %{{ files_in($to) }}), '', 'and the part of the other one is not there');
}

# Messages as they may be: what looks like an end, bare CRs and LFs, NULs, and no last line end
{
	my $odd = "Subject: odd\r\n\r\n..\r\n.\r\n.x\r\na\n.\nb\rc\r\r\n\0\r\nend\r\n";
	my $to = new_file('to');
	my ($server) = fake([ $odd, $messages[0] ]);
	my ($status, undef, $errors) = fetch([ @who, 'save', $to, @$server ]);
	is($status, 0, 'odd line ends: exit status') or diag($errors);
	my %files = files_in($to);
	is($files{'id-1.eml'}, $odd =~ s/\r\n/\n/gr, 'odd line ends: octet for octet, but for CRLF');
	is($files{'id-2.eml'}, $messages[0] =~ s/\r\n/\n/gr, 'odd line ends: and the next message too');
}

# The size is a guess
{
	my $to = new_file('to');
	my ($server) = fake([ 'x' x 1000 . "\r\n" ], LIST => "+OK\r\n1 1\r\n.\r\n");
	my ($status) = fetch([ @who, 'save', $to, @$server ]);
	is($status, 0, 'a size that is too small is none');
}

done_testing();
