#!/usr/bin/perl
# A mailbox of 10 000 messages whose names carry their sizes: login, STAT, LIST and UIDL
# in less than a second.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use StoreTest;
use Test::More;
use Time::HiRes qw(time);

my $count = 10_000;
my $root = new_root();
add($root, 'bob@example.com', 'secret');
my $maildir = maildir($root, 'bob@example.com');
put($root, "mail/example.com/bob/$_/.keep", '') for 'new', 'cur';
my $octets = 0;
for my $number (1 .. $count) {
	# The names are all that matters; the files are links to one.
	my $name = sprintf '%d.msg%05d.host,S=%d,W=%d', 1_700_000_000 + $number, $number, $number, 2 * $number;
	my $path = "$maildir/" . ($number % 2 ? "new/$name" : "cur/$name:2,S");
	link "$maildir/new/.keep", $path or die "$path: $!\n";
	$octets += 2 * $number;
}

my $session = "USER bob\@example.com\r\nPASS secret\r\nSTAT\r\nLIST\r\nUIDL\r\nDELE 9999\r\nLIST\r\nRSET\r\nQUIT\r\n";
my $start = time;
my ($output, $status) = pop3_session($root, $session);
my $took = time - $start;
is($status, 0, 'a good end');
like($output, qr/^\+OK $count $octets\r$/m, 'STAT counts them all');
is(scalar(() = $output =~ /^\d+ \d+\r$/mg), 2 * $count - 1, 'LIST lists them all');
is(scalar(() = $output =~ /^\d+ \d+\.msg\d+\.host\r$/mg), $count, 'UIDL lists them all');
like($output, qr/^10000 1700010000\.msg10000\.host\r$/m, 'in their order');
# Less than a second by far; the limit leaves room for a busy machine and for sanitizers.
cmp_ok($took, '<', 10, sprintf 'it took %.2f seconds', $took);         ## pop3-store-g

done_testing();
