#!/usr/bin/perl
# The limits are deadlines: a client that drips octets, or takes none, does not stay for
# ever.  Then the session ends without a word and without the UPDATE state.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages program);
use StoreTest;
use Test::More;
use Time::HiRes qw(sleep time);

my $root = new_root();
my $bob = 'bob@example.com';
add($root, $bob, 'secret');
put($root, 'mail/example.com/bob/new/1700000001.big.host', "Subject: big\n\n" . ('x' x 99 . "\n") x 50_000);

# One octet at a time, a tenth of a second apart: never a second without one.
sub drip {
	my ($client) = @_;
	my $start = time;
	while (time - $start < 20) {
		last if !$client->send('N');
		my $ended = '';
		vec($ended, fileno $client->{from}, 1) = 1;
		last if select $ended, undef, undef, 0.1;
	}
	return time - $start;
}

for my $wire ('pipes', 'socket') {
	my $client = pop3($root, flags => ['-t', '2'], wire => $wire);
	my $took = drip($client);
	cmp_ok($took, '<', 15, "over $wire, dripping octets of one command does not hold the session");      ## pop3-1939-3-f
	cmp_ok($took, '>', 1, 'but the command has its time');
	is($client->rest, '', 'nothing is said');       ## pop3-1939-3-f
	is($client->status, 75, 'exit status 75');      ## pop3-stdio-exit
}

for my $wire ('pipes', 'socket') {
	my $client = logged_in($root, $bob, 'secret', flags => ['-t', '2'], wire => $wire);
	ask($client, 'DELE 1');
	drip($client);
	is($client->rest, '', "over $wire, nothing is said after login either");        ## pop3-1939-3-f
	is($client->status, 75, 'exit status 75');
	is(scalar messages($root, $bob), 1, 'nothing is removed');             ## pop3-1939-3-f pop3-1939-6-b
}

# Each command has the whole time: three of them, each after more than half of it.
{
	my $client = logged_in($root, $bob, 'secret', flags => ['-t', '3']);
	for (1 .. 3) {
		sleep 1.8;
		like(ask($client, 'NOOP'), qr/^\+OK/, "command $_ comes in its time");
	}
	ask($client, 'QUIT');
	is($client->status, 0, 'a good end');
}

for my $wire ('pipes', 'socket') {
	my $client = logged_in($root, $bob, 'secret', flags => ['-t', '1'], wire => $wire);
	$client->send("DELE 1\r\nRSET\r\nDELE 1\r\nRSET\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n");
	is($client->status, 75, "over $wire, a client that takes no octet is left");   ## pop3-stdio-exit
	is(scalar messages($root, $bob), 1, 'nothing is removed');             ## pop3-1939-6-b
}

# The client went away while a message was sent to it.
{
	my $client = logged_in($root, $bob, 'secret');
	$client->send("DELE 1\r\nRSET\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n");
	close $client->{from};
	my $status = $client->status;
	unlike($status, qr/signal/, 'a client that goes away kills nobody');
	is(scalar messages($root, $bob), 1, 'what was not sent whole is not removed');
}
done_testing();
