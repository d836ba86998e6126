# After a failed login the reply waits, longer each time, so that guessing is slow.  What is
# no guess is answered at once.  Nothing is lost in a wait, and the end of the input or of the
# server ends it.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SmtpAuth qw(auth greeted plain);
use Time::HiRes qw(time);

my $bob = 'bob@example.com';
my $root = new_root([ $bob, 'secret' ]);
my $right = 'AUTH PLAIN ' . plain('', $bob, 'secret');
my $wrong = 'AUTH PLAIN ' . plain('', $bob, 'wrong');
my $nobody = 'AUTH PLAIN ' . plain('', 'nobody@example.com', 'wrong');

# These wait while the first one is measured.
my $stopped = greeted($root, [ '-p' ], wire => 'socket', limit => 60);
$stopped->send("$wrong\r\n$wrong\r\n");
my $impatient = greeted($root, [ '-p', '-t', 1 ], wire => 'socket', limit => 60);
$impatient->send("$wrong\r\n$wrong\r\nNOOP\r\n");

# A reply and the seconds until it came.
my $client = greeted($root, [ '-p' ], wire => 'socket', limit => 60);
sub timed {
	my $started = time;
	my $reply;
	$reply = $client->ask($_) for @_;
	return ($reply, time - $started);
}

my $number = 0;
for my $seconds (1, 2, 4) {
	my ($reply, $took) = timed($seconds == 2 ? $nobody : $wrong);
	like($reply, qr/^535 5\.7\.8 /, 'failure ' . ++$number); ## smtp-4954-4-h
	cmp_ok($took, '>', $seconds - 0.1, "it is told after $seconds seconds");
	cmp_ok($took, '<', $seconds + 15, 'and not much later');
	next if $seconds != 2;
	# One more would wait four seconds: these do not.
	($reply, $took) = timed('AUTH PLAIN', '*');
	like($reply, qr/^501 5\.7\.0 /, 'taken back'); ## smtp-4954-4-e
	cmp_ok($took, '<', 3, 'is told at once');
	($reply, $took) = timed('AUTH PLAIN !');
	like($reply, qr/^501 5\.5\.2 /, 'not base 64'); ## smtp-4954-4-f
	cmp_ok($took, '<', 3, 'is told at once');
	($reply, $took) = timed('AUTH NONE');
	like($reply, qr/^504 5\.5\.4 /, 'another mechanism'); ## smtp-4954-4-a
	cmp_ok($took, '<', 3, 'is told at once');
}
my ($reply, $took) = timed($right);
like($reply, qr/^235 2\.7\.0 /, 'the right password'); ## smtp-4954-4-l
cmp_ok($took, '<', 5, 'does not wait');
like($client->ask('QUIT'), qr/^221 /, 'the session goes on');

# The wait is no patience of the server's with the client: -t does not count in it.
my @replies = map { $impatient->reply } 1 .. 4;
like("@replies", qr/^535 5\.7\.8 .* 535 5\.7\.8 .* 250 2\.0\.0 .* 421 4\.4\.2 /, 'waits longer than -t, and what was sent meanwhile'); ## smtp-4954-4-l
is($impatient->status, 75, 'and a time-out only after that');

# More input than any buffer holds, while a wait goes on.
$client = greeted($root, [ '-p' ], wire => 'socket', limit => 60);
$client->send("$wrong\r\n" . ('NOOP ' . 'x' x 100 . "\r\n") x 3000 . "QUIT\r\n");
my $output = $client->rest;
like($output, qr/\A535 5\.7\.8 [^\n]*\n(?:250 2\.0\.0 [^\n]*\n){3000}221 2\.0\.0 [^\n]*\n\z/, 'what comes in a wait is answered after it'); ## smtp-4954-4-l smtp-2920-3.1-a

# SIGTERM, in the third wait or before it: that is of four seconds.
like($stopped->reply, qr/^535 5\.7\.8 /, 'two failures') for 1, 2;
$stopped->send("$wrong\r\n");
my $started = time;
$stopped->signal('TERM');
like($stopped->rest, qr/\A(?:535 5\.7\.8 [^\n]*\n)?421 4\.3\.2 [^\n]*\n\z/, 'a server that is stopped says so'); ## smtp-5321-3.8-b
is($stopped->status, 75, 'and ends'); ## smtp-5321-3.8-b
cmp_ok(time - $started, '<', 3, 'without the wait');

# The end of the input: five failures would wait for 23 seconds.
for my $wire ('pipes', 'socket', 'tcp') {
	my $client = greeted($root, [ '-p' ], wire => $wire, limit => 60);
	$started = time;
	$client->send("$wrong\r\n" x 5 . "NOOP\r\nQUIT\r\n");
	$client->close_input;
	$output = $client->rest;
	cmp_ok(time - $started, '<', 12, "$wire: nobody waits for a client that has gone");
	like($output, qr/\A(?:535 5\.7\.8 [^\n]*\n){5}250 2\.0\.0 [^\n]*\n221 2\.0\.0 [^\n]*\n\z/, "$wire: what it had sent is answered"); ## smtp-4954-4-l
	is($client->status, 0, "$wire: a good end");
}

# And the same where it goes in the middle of a wait, or does not even ask for the answers.
$client = greeted($root, [ '-p' ], wire => 'socket', limit => 60);
$client->send("$wrong\r\n$wrong\r\n$wrong\r\n$wrong\r\n");
like($client->reply, qr/^535 5\.7\.8 /, 'the first of four');
$started = time;
$client->close_input;
is(() = $client->rest =~ /^535 5\.7\.8 /mg, 3, 'the others come when the client has closed');
cmp_ok(time - $started, '<', 10, 'at once');
is($client->status, 0, 'a good end');
$client = greeted($root, [ '-p' ], wire => 'pipes', limit => 60);
$client->send("$wrong\r\n" x 5);
$started = time;
close $client->{from};
$client->{ended} = 1;
$client->close_input;
is($client->status, 0, 'a client that has gone has just gone');
cmp_ok(time - $started, '<', 12, 'and is not waited for');

# The fault limit.
@replies = auth($root, [ '-p', '-e', 3 ], $wrong, $nobody, $wrong, $right);
is(scalar(@replies), 3, 'three faults, and the session is over'); ## smtp-stdio-e
like("@replies", qr/^535 5\.7\.8 .* 535 5\.7\.8 .* 421 4\.7\.0 /, 'the last one is told so'); ## smtp-stdio-e smtp-4954-4-l
($output, my $status) = run(join('', map { "$_\r\n" } 'EHLO client.example', ($wrong) x 30), [ program('smtp-stdio'), '-d', $root, '-p' ]);
is(() = $output =~ /^535 5\.7\.8 /mg, 19, 'without -e it is the twentieth'); ## smtp-stdio-e
like($output, qr/^421 4\.7\.0 [^\n]*\n\z/m, 'that ends the session'); ## smtp-stdio-e
is($status, 77, 'with its own status'); ## smtp-stdio-e smtp-stdio-exit

done_testing;
