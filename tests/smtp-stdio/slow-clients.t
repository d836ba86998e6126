# A time limit is for a whole command and for the rate of a message, not for each octet:
# a client that drips does not live for ever.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Time::HiRes qw(sleep time);

my $root = new_root('bob@example.com');

# Sends an octet now and then until there is an answer, which is returned: as long as
# octets come, it is not the silence behind them that is answered.
sub drip {
	my ($client, $octet, $pause) = @_;
	my $end = time + 15;
	while (time < $end && !$client->{ended} && !length $client->{output}) {
		$client->send($octet) or last;
		eval { $client->await(time + $pause) };
	}
	return 'nothing in fifteen seconds' if time >= $end;
	return $client->rest;
}

sub in_data {
	my ($seconds) = @_;
	my $client = start('smtp-stdio', $root, [ '-t', $seconds ], wire => 'socket');
	$client->reply;
	$client->ask($_) for 'HELO client.example', 'MAIL FROM:<sender@client.example>', 'RCPT TO:<bob@example.com>';
	like($client->ask('DATA'), qr/^354/, 'the message may come');
	return $client;
}

my $client = start('smtp-stdio', $root, [ '-t', 1 ], wire => 'socket');
$client->reply;
like(drip($client, 'x', 0.2), qr/^421 4\.4\.2 [^\n]*\n\z/, 'a command in drops is cut off'); ## smtp-5321-4.5.3.2
is($client->status, 75, 'with status 75'); ## smtp-5321-4.5.3.2 smtp-stdio-exit

$client = in_data(1);
like(drip($client, 'x', 0.2), qr/^421 4\.4\.2 [^\n]*\n\z/, 'a message in drops is cut off'); ## smtp-5321-4.5.3.2
is($client->status, 75, 'with status 75'); ## smtp-5321-4.5.3.2
is(scalar(messages($root, 'bob@example.com')), 0, 'and delivered to nobody'); ## smtp-5321-4.5.3.2

# Slow, but over 100 octets a second: longer than -t all in all.
$client = in_data(2);
for (1 .. 50) {
	$client->send('x' x 98 . "\r\n");
	sleep 0.1;
}
like($client->ask('.'), qr/^250 2\.0\.0/, 'a slow message comes through'); ## smtp-5321-4.5.3.2
is(scalar(messages($root, 'bob@example.com')), 1, 'and is delivered'); ## smtp-5321-4.5.3.2

# A client that sends and never reads: the replies cannot be written.  What the pipes
# hold is filled by us, so the input is as long as it takes.
$client = start('smtp-stdio', $root, [ '-t', 1 ], wire => 'pipes');
$client->limit(10);
my $status = eval {
	local $SIG{PIPE} = 'IGNORE';
	my $deadline = time + 20;
	while (time < $deadline) {
		my $written = syswrite $client->{to}, "NOOP\r\n" x 1000;
		last if !defined $written && $!{EPIPE};
		sleep 0.02 unless defined $written;
	}
	$client->status;
};
is($status, 75, 'a client that does not read is left'); ## smtp-5321-4.5.3.2 smtp-stdio-exit

done_testing;
