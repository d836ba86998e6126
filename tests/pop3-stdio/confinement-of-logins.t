# What somebody makes of the process that answers about logins, who has taken over the one
# that asks: as many passwords as faults may be made, and no maildrop without one.
use strict;
use warnings;
use lib 'tests/lib';
use Filter qw(new_filter);
use InsideTest;
use MailTest;

needs_inside();
my ($PASSWORD, $SALT, $PROOF, $OPEN, $NONE, $PEER) = 0 .. 5;    # as in pop3-stdio/gate.h
my $rules_max = 64;                                             # as in stdio/rules.h
my ($bob, $alice) = ('bob@example.com', 'alice@example.com');
my $root = new_root([ $bob, 'secret' ], $alice);
deliver($root, $_, "Subject: stored\n\ntext\n") for $bob, $alice;

# A session that has greeted, and the process that asks, taken over.
sub session {
	my (@flags) = @_;
	my $client = start('pop3-stdio', $root, [ '-p', @flags ], wire => 'socket',
	    environment => { TCPREMOTEIP => '192.0.2.1', TCPREMOTEPORT => 110 });
	$client->line;
	return ($client, take_over(child_of($client->{pid})));
}

sub gate {
	my ($pid) = @_;
	my ($gate) = sort { $a <=> $b } grep { $_ > 2 } map { s{.*/}{}r } glob "/proc/$pid/fd/*";
	return $gate;
}

sub question {
	my ($kind, $first, $second) = @_;
	return pack('Q3', $kind, length $first, length $second) . $first . $second;
}

# Asks; returns the result about a password and that of opening, '' where there is no answer.
sub say_question {
	my ($inside, $octets) = @_;
	my $gate = gate($inside->{pid});
	return '' if $inside->call('write', $gate, \$octets, length $octets) < 0 && $!{EPIPE};
	my $got = $inside->call('read', $gate, \("\0" x 4096), 4096);
	return $got > 8 ? join ' ', unpack 'i2', $inside->octets : $got < 0 && !$!{ECONNRESET} ? "failed: $!" : '';
}

my ($RIGHT, $WRONG) = (0, 1);

# No maildrop without a password, and that of nobody else.
my ($client, $inside) = session();
isnt((split ' ', say_question($inside, question($OPEN, '', '')))[1], 0, 'no maildrop without a password');
is((split ' ', say_question($inside, question($PASSWORD, $bob, 'wrong')))[0], $WRONG, 'a wrong one');
isnt((split ' ', say_question($inside, question($OPEN, '', '')))[1], 0, 'opens none');
isnt((split ' ', say_question($inside, question($PROOF, 'x' x 32, 'n=bob')))[0], $RIGHT, 'nor a proof without a salt');
is((split ' ', say_question($inside, question($SALT, $bob, '')))[0], $RIGHT, 'a salt');
isnt((split ' ', say_question($inside, question($PROOF, 'x' x 32, 'n=bob')))[0], $RIGHT, 'a proof that is none');
isnt((split ' ', say_question($inside, question($PROOF, 'x' x 32, 'n=bob')))[0], $RIGHT, 'and no second one for that salt');
isnt((split ' ', say_question($inside, question($OPEN, $bob, '')))[1], 0, 'opens none');
my $other = start('pop3-stdio', $root, ['-p'], wire => 'socket');
$other->send("USER $bob\r\nPASS secret\r\n");
$other->line for 1 .. 3;
my ($result, $opened) = split ' ', say_question($inside, question($PASSWORD, $bob, 'secret'));
is($result, $RIGHT, 'a right password');
isnt($opened, 0, 'opens no maildrop that another session has');
$other->send("QUIT\r\n");
$other->rest;
isnt((split ' ', say_question($inside, question($OPEN, '', '')))[1], 0, 'and is forgotten when that has ended');
isnt((split ' ', say_question($inside, question($PASSWORD, $alice, 'wrong')))[0], $RIGHT, 'nor does it open another');
isnt((split ' ', say_question($inside, question($OPEN, '', '')))[1], 0, 'with no right one');
$inside->release;

# The end of the asking process is not a login.
for my $end (0, 7, 11, 255) {
	($client, $inside) = session();
	$inside->call('exit_group', $end);
	$inside->release;
	is($client->rest, '', "an end, $end: nothing more is said");
	like($client->status, qr/^(?:0|75)\z/, 'and the session is over');
}

# A hand-over that is none.
for my $length (~0, 1 << 30, 70_000) {
	($client, $inside) = session();
	is(say_question($inside, question($PASSWORD, $bob, 'secret')), "$RIGHT 0", 'the password is right, and the maildrop is opened');
	my $octets = pack('Q', 0) . "\0" x (8 * $rules_max) . pack('Q', $length) . 'NOOP' x 1_024;
	$inside->call('write', gate($inside->{pid}), \$octets, length $octets);
	$inside->call('exit_group', 0);
	$inside->release;
	is($client->rest, '', "and $length octets handed over: nothing more is said");
	like($client->status, qr/^(?:0|75)\z/, 'the session is over');
}

my %none = (
	'a kind that there is not' => pack('Q3', 6, 1, 1) . 'xx',
	'a kind below all'         => pack('Q3', ~0, 1, 1) . 'xx',
	'too long a name'          => question($PASSWORD, 'x' x 513, 'secret'),
	'too long a password'      => question($PASSWORD, $bob, 'x' x 100_000),
	'lengths past all bounds'  => pack('Q3', $PASSWORD, ~0, ~0) . 'x' x 100,
	'the end'                  => question($NONE, '12345678', ''),
);
for my $what (sort keys %none) {
	($client, $inside) = session();
	is(say_question($inside, $none{$what}), '', "$what: no answer");
	$inside->release;
	$client->rest;
	like($client->status, qr/^(?:0|75)\z/, "$what: the session is over");
}

# Passwords are not tried for ever.
($client, $inside) = session('-e', 3);
my $tries = 0;
while (say_question($inside, question($PASSWORD, $bob, 'wrong')) ne '') {
	last if ++$tries > 10;
}
is($tries, 4, 'passwords can be tried as often as faults may be made');
$inside->release;

# Who is connected is known without it.
($client, $inside) = session('-T', new_filter('echo "wrapped for $REMOTE_ADDR"'));
my $peer = question($PEER, '203.0.113.9', '1');
$inside->call('write', gate($inside->{pid}), \$peer, length $peer);
$inside->call('exit_group', 7);
$inside->release;
like($client->rest, qr/^wrapped for 192\.0\.2\.1$/m, 'another peer is not believed without -P');
done_testing;
