#!/usr/bin/perl
# A unique-id has 1 to 70 characters 0x21-0x7E (RFC 1939 section 7).  File names of other
# programs need not: then it is made from the name, the same in every session and for
# every place and flag of the file, and different for different messages.
use strict;
use warnings;
use lib 'tests/lib';
use StoreTest;
use Test::More;

my $root = new_root();
my $bob = 'bob@example.com';
my $text = "Subject: one\n\nfirst\n";
add($root, $bob, 'secret');
my $directory = 'mail/example.com/bob';

my $seventy = '1700000001.' . 'a' x 59;
my @odd = (
	'1700000002.' . 'a' x 60,               # one too long
	'1700000002.' . 'a' x 59 . 'b',         # one too long, and different past the 70th
	'1700000003.' . 'long' x 50,
	'1700000004.a b.host',
	"1700000005.\xfcml\xe4ut.host",
	"1700000006.gr\xc3\xbcn.host",
	"1700000007.tab\there",
	"1700000008.del\x7f.host",
	"1700000009.line\nend",
	"1700000009.line\r\n.\r\nend",
);
my @plain = ($seventy, '1700000001.~!"#$%&\'()*+;<=>?@[\\]^`{|}', 'not-a-maildir-name', '7');

put($root, "$directory/new/$_,S=20,W=23", $text) for @odd, @plain;

sub unique_ids {
	my $client = logged_in($root, $bob, 'secret');
	my ($first, $list) = lines($client, 'UIDL');
	my $known = () = $list =~ /^\d+ [\x21-\x7e]{1,70}\r$/mg;
	my $all = () = $list =~ /\n/g;
	is($known, $all, 'every line is a number and a proper unique-id');    ## pop3-1939-7-b
	my %seen = map { $_ => 1 } $list =~ /^\d+ (\S+)\r$/mg;
	is(scalar keys %seen, @odd + @plain, 'they are all different');       ## pop3-1939-7-b
	like(ask($client, 'UIDL 3'), qr/^\+OK 3 [\x21-\x7e]{1,70}\z/, 'UIDL of one');
	same_octets((lines($client, "RETR $_"))[1], "Subject: one\r\n\r\nfirst\r\n", "message $_ can be read")
	    for 1 .. @odd + @plain;
	ask($client, 'QUIT');
	return \%seen;
}

my $at_first = unique_ids();
for my $name (@plain) {
	ok($at_first->{$name}, "a proper base name is the unique-id itself: $name")    ## pop3-1939-7-b
	    or diag join ' ', sort keys %$at_first;
}
is_deeply(unique_ids(), $at_first, 'the next session has the same');          ## pop3-1939-7-b

rename "$root/$directory/new/$_,S=20,W=23", "$root/$directory/cur/$_,S=20,W=23:2,RS" or die "$!\n"
    for @odd, @plain;
is_deeply(unique_ids(), $at_first, 'and so after all were moved and flagged'); ## pop3-1939-7-c

my $client = logged_in($root, $bob, 'secret');
ask($client, "DELE $_") for 1 .. @odd + @plain;
like(ask($client, 'QUIT'), qr/^\+OK/, 'all of them can be removed');
is($client->status, 0, 'well');
is_deeply([ entries("$root/$directory/cur"), entries("$root/$directory/new") ], [], 'and are gone');
done_testing();
