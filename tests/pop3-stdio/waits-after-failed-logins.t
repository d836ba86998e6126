#!/usr/bin/perl
# Guessing is slow: the reply to a failed login waits, longer each time, whichever way the
# password came.  Nobody waits for a client that has gone, or when the server is to stop.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use StoreTest;
use Test::More;
use Time::HiRes qw(time);

my $root = new_root();
add($root, 'bob@example.com', 'secret');
my $user = "USER bob\@example.com\r\n";
my $plain = 'AUTH PLAIN AGJvYkBleGFtcGxlLmNvbQB3cm9uZw==';     # \0bob@example.com\0wrong

sub seconds_of {
	my ($client, $command) = @_;
	my $start = time;
	my $reply = ask($client, $command);
	return ($reply, time - $start);
}

# One, two, four seconds; what is not about credentials is answered at once, and changes
# nothing in that.
{
	my $client = pop3($root, limit => 60);
	for (['PASS wrong', 1], [$plain, 2], ['PASS wrong', 4]) {
		my ($command, $least) = @$_;
		like(ask($client, 'USER bob@example.com'), qr/^\+OK/, 'USER') if $command =~ /PASS/;
		my ($reply, $took) = seconds_of($client, $command);
		like($reply, qr/^-ERR \[AUTH\] /, $command);
		cmp_ok($took, '>', $least - 0.1, sprintf 'the reply waits: %.1f seconds', $took);      ## pop3-3206-a
		cmp_ok($took, '<', $least + 15, 'but not for ever');
		is(ask($client, 'AUTH PLAIN'), '+ ', 'AUTH again');
		($reply, $took) = seconds_of($client, '*');
		like($reply, qr/^-ERR (?!\[)/, 'taken back');  ## pop3-5034-4-b pop3-3206-a
		cmp_ok($took, '<', $least, 'which is answered at once');
	}
	my ($reply, $took) = seconds_of($client, 'AUTH PLAIN AGJvYkBleGFtcGxlLmNvbQBzZWNyZXQ=');
	like($reply, qr/^\+OK/, 'the right password');
	cmp_ok($took, '<', 7, 'does not wait');
	ask($client, 'QUIT');
	is($client->status, 0, 'a good end');
}

# The client has sent its guesses, and the right one, and has closed: 31 seconds of waits
# are for nobody, but what it has sent is answered.
for my $wire ('pipes', 'socket', 'tcp') {
	my $client = pop3($root, wire => $wire);
	my $start = time;
	$client->send(("$plain\r\n${user}PASS wrong\r\n") x 3 . "${user}PASS secret\r\nSTAT\r\n");
	$client->close_input;
	my $output = $client->rest;
	cmp_ok(time - $start, '<', 20, "over $wire: who has gone is not waited for");
	is(scalar(() = $output =~ /^-ERR \[AUTH\] /mg), 6, 'each guess is refused');
	like($output, qr/^\+OK 0 0\r\n\z/m, 'and the last login good');
	is($client->status, 0, 'a good end');
}

# A server that is told to stop stops.
for my $wire ('pipes', 'socket') {
	my $client = pop3($root, wire => $wire);
	my $start = time;
	$client->send("$plain\r\n" x 6);
	like($client->line, qr/^-ERR \[AUTH\] /, 'the first is refused');
	$client->signal('TERM');
	is($client->status, 75, "over $wire: the server stops");       ## pop3-stdio-exit
	cmp_ok(time - $start, '<', 20, 'though there was more to wait for');
}

# The last fault ends the session, as ever.
{
	my $client = pop3($root, flags => ['-e', '1']);
	like(ask($client, $plain), qr/^-ERR \[AUTH\] /, 'a guess too many');
	is($client->rest, '', 'is the last');
	is($client->status, 77, 'and ends the session');       ## pop3-stdio-e
}
done_testing();
