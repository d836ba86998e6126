#!/usr/bin/perl
# A mailbox may be filled to the last octet of its quota, and no further: by what is on disk,
# trace and all.  For one recipient in SMTP, for each in LMTP; and for a message in chunks.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $message = "Subject: it\r\n\r\n" . "A line of text.\r\n" x 40;

sub session {
	my ($root, $flag, $verb, @recipients) = @_;
	my $input = ($flag ? 'LHLO' : 'EHLO') . " client.example\r\nMAIL FROM:<sender\@client.example>\r\n"
	    . join('', map { "RCPT TO:<$_\@example.com>\r\n" } @recipients)
	    . ($verb eq 'DATA' ? "DATA\r\n$message.\r\n" : 'BDAT ' . length($message) . " LAST\r\n$message") . "QUIT\r\n";
	my ($output, $status) = run($input, [ program('smtp-stdio'), $flag || (), '-d', $root, '-h', 'mail.example.org' ]);
	is($status, 0, 'the session ends well');
	return join ' ', map { /^(\d\d\d \d\.\d\.\d)/ } (split /\r\n/, $output =~ s/.*^(?:354|250 2\.1\.5)[^\n]*\n//msr);
}

sub set_quota {
	my ($root, $octets) = @_;
	my ($output, $status) = run('', [ program('mailstore'), '-d', $root, 'quota', 'bob@example.com', $octets ]);
	is($status, 0, "quota $octets");
}

for my $flag ('', '-l') {
	for my $verb ('DATA', 'BDAT') {
		my $root = new_root('bob@example.com', 'ann@example.com');
		my $way = ($flag ? 'LMTP' : 'SMTP') . ", $verb";
		session($root, $flag, $verb, 'bob');
		my ($octets) = map { -s } messages($root, 'bob@example.com');

		set_quota($root, 2 * $octets - 1);
		is(session($root, $flag, $verb, 'bob'), '452 4.2.2 221 2.0.0', "$way: one octet too many is refused"); ## smtp-stdio-quota-a
		is(scalar messages($root, 'bob@example.com'), 1, "$way: and not there");
		set_quota($root, 2 * $octets);
		is(session($root, $flag, $verb, 'bob'), '250 2.0.0 221 2.0.0', "$way: exactly as much is taken"); ## smtp-stdio-quota-a
		is(scalar messages($root, 'bob@example.com'), 2, "$way: and there");

		set_quota($root, 3 * $octets - 40);	# without "for <...>" there are some octets less
		my $replies = session($root, $flag, $verb, 'bob', 'ann');
		is($replies, ($flag ? '452 4.2.2 250 2.0.0' : '250 2.0.0') . ' 221 2.0.0', "$way: and of two recipients the one who is full"); ## smtp-stdio-quota-a lmtp-2033-4.2-c
		is(scalar messages($root, 'bob@example.com'), $flag ? 2 : 3, "$way: has it only where there is but one reply"); ## smtp-stdio-quota-a
		is(scalar messages($root, 'ann@example.com'), 1, "$way: the other has it in any case"); ## smtp-stdio-quota-a
	}
}
done_testing;
