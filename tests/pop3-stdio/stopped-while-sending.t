#!/usr/bin/perl
# A server that is told to stop does so soon, even while a client takes none of what is
# being sent to it; the rest of the reply is not worth ten minutes.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages);
use StoreTest;
use Test::More;

my $root = new_root();
my $bob = 'bob@example.com';
add($root, $bob, 'secret');
put($root, 'mail/example.com/bob/new/1700000001.big.host', "Subject: big\n\n" . ('x' x 99 . "\n") x 50_000);

for my $wire ('pipes', 'socket') {
	my $log = "$root.log";
	my $client = logged_in($root, $bob, 'secret', wire => $wire, errors => $log);
	$client->send("DELE 1\r\nRSET\r\nDELE 1\r\nRSET\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n");
	# It is in the middle of the message when its first octets have come and no more do.
	$client->line for 1 .. 5;
	$client->signal('TERM');
	is($client->status, 75, "over $wire, it stops");       ## pop3-stdio-exit
	like(octets_of($log), qr/ session .* end=stopped /, 'and logs why');
	is(scalar messages($root, $bob), 1, 'nothing is removed');     ## pop3-1939-6-b
}
done_testing();
