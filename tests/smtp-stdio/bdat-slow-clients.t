# The octets of a chunk have to come at some pace, like those of DATA, also where they are
# only dropped.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Time::HiRes qw(sleep time);

my $root = new_root('bob@example.com');

# A session in which a chunk is announced.
sub in_chunk {
	my ($seconds, $command, @before) = @_;
	my $client = start('smtp-stdio', $root, [ '-t', $seconds ], wire => 'socket');
	$client->reply;
	$client->ask($_) for 'EHLO client.example', @before;
	$client->send("$command\r\n");
	return $client;
}

my @mail = ('MAIL FROM:<sender@client.example>', 'RCPT TO:<bob@example.com>');
for my $case ([ 'a chunk', @mail ], [ 'a chunk that is dropped' ]) {
	my ($name, @before) = @$case;
	my $client = in_chunk(1, 'BDAT 100000 LAST', @before);
	my $end = time + 15;
	while (time < $end && !$client->{ended} && !length $client->{output}) {
		$client->send('x') or last;
		eval { $client->await(time + 0.2) };
	}
	like($client->rest, qr/^421 4\.4\.2 [^\n]*\n\z/, "$name in drops is cut off"); ## smtp-5321-4.5.3.2
	is($client->status, 75, 'with status 75'); ## smtp-5321-4.5.3.2
	is(scalar(messages($root, 'bob@example.com')), 0, 'and delivered to nobody'); ## smtp-5321-4.5.3.2
}

# Slow, but over 100 octets a second: longer than -t all in all.
my $client = in_chunk(2, 'BDAT 5000 LAST', @mail);
for (1 .. 50) {
	$client->send('x' x 98 . "\r\n");
	sleep 0.1;
}
like($client->reply, qr/^250 2\.0\.0/, 'a slow chunk comes through'); ## smtp-5321-4.5.3.2
is(scalar(messages($root, 'bob@example.com')), 1, 'and is delivered'); ## smtp-5321-4.5.3.2
done_testing;
