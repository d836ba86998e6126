# What a client sends to log in is gone from the server's memory when the login is over,
# whatever came of it: who reads that memory later finds no password, in no form.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Scram qw(encoded);
use SmtpAuth qw(greeted plain);

need_plain_build();
MailTest::leave_out('needs /proc/PID/mem (Linux)') unless -e "/proc/$$/mem";

my ($bob, $password) = ('bob@example.com', 'correct-horse-battery');
my $root = new_root([ $bob, $password ]);
my ($plain, $user, $pass) = (plain('', $bob, $password), encoded($bob), encoded($password));

# All that a process can write to, which is where it could keep something; undef where the
# system lets nobody look.
sub memory {
	my ($pid) = @_;
	my $octets = '';
	open my $maps, '<', "/proc/$pid/maps" or return undef;
	open my $memory, '<:raw', "/proc/$pid/mem" or return undef;
	while (<$maps>) {
		my ($from, $to) = /^([0-9a-f]+)-([0-9a-f]+) rw/ or next;
		next if /\[v/;
		no warnings 'portable';
		sysseek $memory, hex $from, 0 or return undef;
		my $left = hex($to) - hex $from;
		while ($left > 0) {
			my $got = sysread $memory, $octets, $left, length $octets or last;
			$left -= $got;
		}
	}
	return $octets;
}

# The greater part of a secret is a secret, too.
my @secrets = map { ($_, substr($_, 0, 12), substr $_, -12) } $password, $plain, $pass;
sub found {
	my ($client) = @_;
	my $octets = memory($client->{pid});
	return grep { index($octets, $_) >= 0 } @secrets;
}

my $client = greeted($root, [ '-p' ]);
$client->send("NOOP $password\r\n");
$client->reply;
defined memory($client->{pid}) or MailTest::leave_out('needs to read the memory of its own children');
isnt(scalar(found($client)), 0, 'what is no login is still there, and found');

my %talks = (
	'PLAIN'                  => [ 235, "AUTH PLAIN $plain" ],
	'PLAIN in two steps'     => [ 235, 'AUTH PLAIN', $plain ],
	'LOGIN'                  => [ 235, 'AUTH LOGIN', $user, $pass ],
	'LOGIN with the name'    => [ 235, "AUTH LOGIN $user", $pass ],
	'a name that is wrong'   => [ 535, 'AUTH PLAIN ' . plain('', 'nobody@example.com', $password) ],
	'for another'            => [ 535, 'AUTH PLAIN ' . plain('alice@example.com', $bob, $password) ],
	'a third NUL'            => [ 535, 'AUTH PLAIN ' . plain('', $bob, "$password\0") ],
	'LOGIN, a wrong name'    => [ 535, 'AUTH LOGIN', encoded('nobody@example.com'), $pass ],
	'no base 64 in the end'  => [ 501, "AUTH PLAIN $plain!" ],
	'no base 64 as an answer' => [ 501, 'AUTH PLAIN', "$plain!" ],
	'too many words'         => [ 501, "AUTH PLAIN $plain $plain" ],
	'another mechanism'      => [ 504, "AUTH NONE $plain" ],
	'on an open line'        => [ 538, "AUTH PLAIN $plain" ],
	'before EHLO'            => [ 503, "AUTH PLAIN $plain" ],
	'where nobody asks'      => [ 500, $plain ],
	'a second login'         => [ 503, "AUTH PLAIN $plain", "AUTH PLAIN $plain" ],
);
for my $what (sort keys %talks) {
	my ($code, @lines) = @{$talks{$what}};
	my $client = start('smtp-stdio', $root, [ $what =~ /open/ ? () : '-p' ], wire => 'socket');
	$client->reply;
	$client->ask('EHLO client.example') unless $what =~ /EHLO/;
	my $reply;
	$reply = $client->ask($_) for @lines;
	like($reply, qr/^$code /, "$what: the reply");
	is(join(' ', found($client)), '', "$what: nothing is left");
}

done_testing;
