#!/usr/bin/perl
# A client may send far more behind PASS than any buffer holds before it reads a reply;
# and who logs in does it in another process than who serves.  Nothing is lost or doubled
# on the way.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use Program;
use StoreTest;
use Test::More;

my $root = new_root();
my $bob = 'bob@example.com';
add($root, $bob, 'secret');
my $count = 300;
for my $number (1 .. $count) {
	my $text = sprintf "Subject: message %03d\n\n", $number;
	put($root, sprintf('mail/example.com/bob/new/%d.m.host,S=%d,W=%d', 1_700_000_000 + $number, length $text,
	    2 + length $text), $text);
}

# Replies can be told from each other, so that their order can be seen.
my ($input, $expected) = ("USER $bob\r\nPASS wrong\r\n" . "USER $bob\r\nPASS secret\r\n", '');
for my $round (1 .. 20) {
	for my $number (1 .. $count) {
		$input .= "LIST $number\r\nTOP $number 0\r\n";
		$expected .= sprintf "+OK %d 24\r\n+OK ...\r\nSubject: message %03d\r\n\r\n.\r\n", $number, $number;
	}
}
$input .= "QUIT\r\n";

for my $wire ('pipes', 'socket') {
	for my $piece (1 << 30, 65_536, 1_000) {
		my $client = Program->start(command => [program('pop3-stdio'), '-d', $root, '-p'], wire => $wire, limit => 60);
		$client->send($input, $piece);
		my $output = $client->rest;
		is($client->status, 0, "over $wire in pieces of $piece: a good end");
		$output =~ s/\A\+OK .*\r\n(?:\+OK .*\r\n-ERR \[AUTH\] .*\r\n)\+OK .*\r\n\+OK .*\r\n//
		    or diag substr $output, 0, 400;
		$output =~ s/\+OK .*\r\n\z//;
		$output =~ s/^\+OK [^0-9\r\n].*?\r\n/+OK ...\r\n/mg;
		same_octets($output, $expected, 'every command has its reply, in order');      ## pop3-2449-6.6
	}
}
done_testing();
