# What smtp-send makes of what a server offers, and of what it does not offer.  What it says
# to the server is seen by -v, and what arrives in the mailbox.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;

my @people = map { "$_\@example.com" } qw(alice bob carol);
my $root = new_root(@people, 'zoë@example.com');
my $ascii = "From: anna\@example.org\nSubject: x\n\n.text\n..\n";
my $eight = "From: anna\@example.org\nSubject: x\n\nGr\xc3\xbc\xc3\x9fe\n";
my $header = "From: anna\@example.org\nSubject: Gr\xc3\xbc\xc3\x9fe\n\ntext\n";

# Sends with -v to smtp-stdio with these flags.  Returns the status, the client's commands
# and the line in which it gave up.
sub conversation {
	my ($message, $arguments, @flags) = @_;
	my ($status, $said) = smtp_send($message, [ '-v', '-h', 'client.example', @$arguments, '--', program('smtp-stdio'), '-d', $root, @flags ]);
	my @commands = $said =~ /^C: (.*)$/mg;
	my ($line) = $said =~ /^(smtp-send: .*)$/m;
	return ($status, \@commands, $line // '', $said);
}

sub says {
	my ($name, $expected, $message, $arguments, @flags) = @_;
	my ($status, $commands, $line) = conversation($message, $arguments, @flags);
	is($status, 0, "$name: sent") or diag($line);
	is(join("\n", @$commands), join("\n", @$expected), "$name: what is said"); ## smtp-send-chunking smtp-send-smtputf8 smtp-send-dsn smtp-send-limits smtp-send-8bitmime
	my ($path) = messages($root, 'bob@example.com');
	is(defined $path ? trace_free(contents($path)) : '', $message, "$name: what arrives");
	unlink map { messages($root, $_) } @people, 'zoë@example.com';
}

sub gives_up {
	my ($name, $reason, $message, $arguments, @flags) = @_;
	my ($status, $commands, $line) = conversation($message, $arguments, @flags);
	is($status, 69, "$name: not sent");
	like($line, $reason, "$name: why");
	is(join(' ', map { /^(\w+)/ } @$commands), 'EHLO QUIT', "$name: nothing is begun");
}

my @to = ('-f', 'anna@example.org', 'bob@example.com');
my $size = length crlf($ascii);

says('all that there is', [ 'EHLO client.example', "MAIL FROM:<anna\@example.org> SIZE=$size", 'RCPT TO:<bob@example.com>', "BDAT $size LAST", 'QUIT' ], $ascii, \@to);
says('no CHUNKING', [ 'EHLO client.example', "MAIL FROM:<anna\@example.org> SIZE=$size", 'RCPT TO:<bob@example.com>', 'DATA', 'QUIT' ], $ascii, \@to, '-X', 'CHUNKING');
says('no SIZE', [ 'EHLO client.example', 'MAIL FROM:<anna@example.org>', 'RCPT TO:<bob@example.com>', "BDAT $size LAST", 'QUIT' ], $ascii, \@to, '-X', 'SIZE');
says('no EHLO', [ 'EHLO client.example', 'HELO client.example', 'MAIL FROM:<anna@example.org>', 'RCPT TO:<bob@example.com>', 'DATA', 'QUIT' ], $ascii, \@to, '-x', 'EHLO=502 5.5.1 No');

# Eight bits
my $size8 = length crlf($eight);
says('8BITMIME', [ 'EHLO client.example', "MAIL FROM:<anna\@example.org> SIZE=$size8 BODY=8BITMIME", 'RCPT TO:<bob@example.com>', "BDAT $size8 LAST", 'QUIT' ], $eight, \@to);
gives_up('no 8BITMIME', qr/8BITMIME/, $eight, \@to, '-X', '8BITMIME'); ## smtp-send-8bitmime
my ($status) = smtp_send($eight, [ @to, '--', program('smtp-stdio'), '-d', $root, '-x', 'EHLO=502 5.5.1 No' ]);
is($status, 69, 'nor by HELO');
($status) = conversation("Gr\xc3\xbc\xc3\x9fe\n", [ '-s', "Gr\xc3\xbc\xc3\x9fe", @to ], '-X', '8BITMIME', '-X', 'SMTPUTF8');
is($status, 0, 'a text is encoded, and needs neither');
unlink messages($root, 'bob@example.com');

# UTF-8 in the header and in addresses
my $size_h = length crlf($header);
says('SMTPUTF8 for a header', [ 'EHLO client.example', "MAIL FROM:<anna\@example.org> SIZE=$size_h BODY=8BITMIME SMTPUTF8", 'RCPT TO:<bob@example.com>', "BDAT $size_h LAST", 'QUIT' ], $header, \@to);
says('SMTPUTF8 for a recipient', [ 'EHLO client.example', "MAIL FROM:<anna\@example.org> SIZE=$size SMTPUTF8", 'RCPT TO:<bob@example.com>', 'RCPT TO:<zoë@example.com>', "BDAT $size LAST", 'QUIT' ],
    $ascii, [ @to, 'zoë@example.com' ]);
says('SMTPUTF8 for a sender', [ 'EHLO client.example', "MAIL FROM:<zoë\@example.org> SIZE=$size SMTPUTF8", 'RCPT TO:<bob@example.com>', "BDAT $size LAST", 'QUIT' ],
    $ascii, [ '-f', 'zoë@example.org', 'bob@example.com' ]);
gives_up('a recipient without SMTPUTF8', qr/SMTPUTF8.*zoë\@example\.com/, $ascii, [ @to, 'zoë@example.com' ], '-X', 'SMTPUTF8'); ## smtp-send-smtputf8
gives_up('a sender without SMTPUTF8', qr/SMTPUTF8.*zoë\@example\.org/, $ascii, [ '-f', 'zoë@example.org', 'bob@example.com' ], '-X', 'SMTPUTF8');

# SIZE: over the limit nothing is begun; to the octet
says('as much as may be', [ 'EHLO client.example', "MAIL FROM:<anna\@example.org> SIZE=$size", 'RCPT TO:<bob@example.com>', "BDAT $size LAST", 'QUIT' ], $ascii, \@to, '-m', $size);
gives_up('one octet more', qr/\b@{[ $size - 1 ]} octets\b.*\b$size\b/, $ascii, \@to, '-m', $size - 1); ## smtp-send-size
says('no limit', [ 'EHLO client.example', "MAIL FROM:<anna\@example.org> SIZE=$size", 'RCPT TO:<bob@example.com>', "BDAT $size LAST", 'QUIT' ], $ascii, \@to, '-m', 0);

# DSN
says('-N and -R', [ 'EHLO client.example', "MAIL FROM:<anna\@example.org> SIZE=$size RET=hdrs", 'RCPT TO:<alice@example.com> NOTIFY=success,delay', 'RCPT TO:<bob@example.com> NOTIFY=success,delay',
    "BDAT $size LAST", 'QUIT' ], $ascii, [ '-f', 'anna@example.org', '-N', 'success,delay', '-R', 'hdrs', 'alice@example.com', 'bob@example.com' ]);
says('-N never', [ 'EHLO client.example', "MAIL FROM:<anna\@example.org> SIZE=$size", 'RCPT TO:<bob@example.com> NOTIFY=never', "BDAT $size LAST", 'QUIT' ], $ascii, [ '-N', 'never', @to ]);
gives_up('-N without DSN', qr/DSN/, $ascii, [ '-N', 'failure', @to ], '-X', 'DSN'); ## smtp-send-dsn
gives_up('-R without DSN', qr/DSN/, $ascii, [ '-R', 'full', @to ], '-X', 'DSN');

# LIMITS: as many transactions as it takes
my @transaction = ("MAIL FROM:<anna\@example.org> SIZE=$size", 'RCPT TO:<%s@example.com>', "BDAT $size LAST");
says('RCPTMAX', [ 'EHLO client.example', (map { my $who = $_; map { s/%s/$who/r } @transaction } qw(alice bob carol)), 'QUIT' ],
    $ascii, [ '-f', 'anna@example.org', @people ], '-r', 1);
says('no LIMITS, and the same limit', [ 'EHLO client.example', $transaction[0], (map { "RCPT TO:<$_>" } @people), $transaction[2],
    $transaction[0], (map { "RCPT TO:<$_>" } @people[1, 2]), $transaction[2], $transaction[0], "RCPT TO:<$people[2]>", $transaction[2], 'QUIT' ],
    $ascii, [ '-f', 'anna@example.org', @people ], '-r', 1, '-X', 'LIMITS');

# PIPELINING: one write of the client's is one read of the server's; without it, each
# command waits for its reply
sub in_pieces {
	my (@keywords) = @_;
	my ($status, $said) = smtp_send($ascii, [ '-v', @to, '--', program('smtp-stdio'), '-d', $root, map { ('-X', $_) } @keywords ]);
	is($status, 0, "without @keywords: sent");
	unlink messages($root, 'bob@example.com');
	return join ' ', map { /^C: (\w+)/ ? "$1" : /^S: (\d\d\d) / ? $1 : () } split /\n/, $said;
}
is(in_pieces('CHUNKING'), '220 EHLO 250 MAIL RCPT DATA 250 250 354 250 QUIT 221', 'MAIL, RCPT and DATA go together'); ## smtp-send-pipelining
is(in_pieces('CHUNKING', 'PIPELINING'), '220 EHLO 250 MAIL 250 RCPT 250 DATA 354 250 QUIT 221', 'each command waits'); ## smtp-send-pipelining
is(in_pieces('PIPELINING'), '220 EHLO 250 MAIL 250 RCPT 250 BDAT 250 QUIT 221', 'so does BDAT'); ## smtp-send-chunking

# How it names itself
for ([ 'a name with a dot', 'host.example.org', 'host.example.org' ], [ 'a literal', '[192.0.2.1]', '[192.0.2.1]' ]) {
	my ($name, $hostname, $expected) = @$_;
	my ($status, $said) = smtp_send($ascii, [ '-v', '-h', $hostname, @to, '--', program('smtp-stdio'), '-d', $root ]);
	like($said, qr/^C: EHLO \Q$expected\E$/m, "$name: as it is");
}
done_testing;
