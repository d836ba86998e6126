#!/usr/bin/perl
# A message for several recipients is one file with a link in each mailbox, its name says
# what it is, and each mailbox has it once however often it was named.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages program);
use StoreTest;
use Test::More;

my $root = new_root();
my @accounts = map { "user$_\@example.com" } 1 .. 40;
add($root, $_, undef) for @accounts;

sub deliver_to {
	my ($recipients, $text, %with) = @_;
	my $input = "EHLO client.example\r\nMAIL FROM:<a\@client.example>\r\n";
	$input .= "RCPT TO:<$_>\r\n" for @$recipients;
	$input .= "DATA\r\n" . MailRoot::dot_stuffed(MailRoot::crlf($text)) . ".\r\nQUIT\r\n";
	my ($output) = MailRoot::run($input, [program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org',
	    @{$with{flags} || []}]);
	my ($reply) = $output =~ /^354 .*\r\n(.*)\r\n/m;
	return defined $reply ? $reply : '';
}

my $reply = deliver_to([ @accounts, 'USER1@example.com', 'user1+tag@example.com' ], "Subject: all\n\nAll.\n.\n..\n");
like($reply, qr/^250 2\.0\.0 /, 'a message for forty');
my %inode;
for my $account (@accounts) {
	my @there = messages($root, $account);
	is(scalar @there, 1, "$account has it once");          ## smtp-5321-4.1.1.3-h smtp-stdio-store-b
	$inode{(stat $there[0])[1]}++;
}
is(scalar keys %inode, 1, 'it is one file');            ## smtp-stdio-store-b
my ($path) = messages($root, $accounts[0]);
is((stat $path)[3], 40, 'with forty links, and none in mail/.incoming');       ## smtp-stdio-store-b smtp-stdio-store-c
is_deeply([ entries("$root/mail/.incoming") ], [], 'that is empty');
is(sprintf('%o', (stat $path)[2] & 07777), '600', 'nobody else may read it');

my ($name) = $path =~ m{([^/]+)$};
my ($seconds, $unique, $host, $disk, $wire) = $name =~ /^(\d+)\.([0-9A-Za-z_-]+)\.([^,]+),S=(\d+),W=(\d+)$/;
my $stored = octets_of($path);
is($disk, length $stored, 'S= is its size');            ## smtp-stdio-store-a
is($wire, length MailRoot::crlf($stored), 'W= is its size on the wire');       ## smtp-stdio-store-a
cmp_ok(abs(time - $seconds), '<', 600, 'it begins with the time');
is($host, 'mail.example.org', 'and has the host');
like($reply, qr/\Q$unique\E/, 'the reply tells its id');               ## smtp-5321-4.1.1.4-f
like($stored, qr/\bid \Q$unique\E\b/, 'and so does Received:');        ## smtp-5321-4.1.1.4-f

# Names stay short enough to be a unique-id whatever the host is called.
for my $host ('h' . '.long-label' x 20, 'a') {
	my $to = $host eq 'a' ? $accounts[1] : $accounts[2];
	like(deliver_to([$to], "Subject: x\n\nx\n", flags => ['-h', $host]), qr/^250 /, "with a host name of " . length $host);
	for (messages($root, $to)) {
		my ($base) = m{([^/,]+),S=\d+,W=\d+$};
		like($base, qr/^[\x21-\x7e]{1,70}$/, 'the base name is a unique-id')    ## pop3-1939-7-b
		    and unlike($base, qr/[:,]/, 'and ends where it should');
	}
}
done_testing();
