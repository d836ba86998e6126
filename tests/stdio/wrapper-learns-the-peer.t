# Behind a TLS wrapper nobody can see any more who the client is.  So it is put into
# REMOTE_ADDR and REMOTE_PORT before the wrapper is run; and the program that the wrapper
# runs (-g) believes these before all others.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Socket qw(AF_INET unpack_sockaddr_in unpack_sockaddr_in6 sockaddr_family);

my $root = new_root([ 'bob@example.com', 'secret' ]);
my %verb = ('smtp-stdio' => 'STARTTLS', 'pop3-stdio' => 'STLS');

sub hand_over {
	my ($name, $wrapper, %with) = @_;
	my $client = start($name, $root, [ '-T', $wrapper ], %with);
	$client->line;
	$client->send("$verb{$name}\r\n");
	like($client->line, qr/^(?:220|\+OK) /, "$name: done");
	return $client;
}

# What env(1), as the wrapper, finds in its environment.
sub told {
	my ($name, %with) = @_;
	my $client = hand_over($name, 'env', %with);
	my %environment = map { /^([^=]+)=(.*)/ ? ($1, $2) : () } split /\n/, $client->rest;
	my $port = $with{wire} && port_of($client);
	return [ @environment{'REMOTE_ADDR', 'REMOTE_PORT'} ], $port;
}

# The port of our end of a TCP connection.
sub port_of {
	my ($client) = @_;
	my $own = getsockname $client->{to};
	return (sockaddr_family($own) == AF_INET ? unpack_sockaddr_in($own) : unpack_sockaddr_in6($own))[0];
}

for my $name (sort keys %verb) {
	my ($told, $port) = told($name, wire => 'tcp');
	is_deeply($told, [ '127.0.0.1', $port ], "$name: the other end of a TCP connection");  ## smtp-stdio-peer
	($told, $port) = told($name, wire => 'tcp', environment => { TCPREMOTEIP => '192.0.2.2', TCPREMOTEPORT => 1,
	    REMOTE_ADDR => '192.0.2.3', REMOTE_PORT => 2 });
	is_deeply($told, [ '127.0.0.1', $port ], "$name: which comes before what the environment says");       ## smtp-stdio-peer
	SKIP: {
		($told, $port) = eval { told($name, wire => 'tcp6') };
		skip('needs IPv6 on the loopback interface', 1) unless defined $told;
		is_deeply($told, [ '::1', $port ], "$name: IPv6");     ## smtp-stdio-peer
	}

	# What the supervisors leave in the environment
	my @cases = (
		[ 'sslserver', { PROTO => 'SSL', SSLREMOTEIP => '192.0.2.1', SSLREMOTEPORT => 1024, TCPREMOTEPORT => 3 }, '192.0.2.1', 1024 ],
		[ 'tcpserver', { PROTO => 'TCP', TCPREMOTEIP => '192.0.2.2', TCPREMOTEPORT => 1025 }, '192.0.2.2', 1025 ],
		[ 'tlswrapper', { TCPREMOTEIP => '2001:db8::2', TCPREMOTEPORT => 65535 }, '2001:db8::2', 65535 ],
		[ 'systemd', { REMOTE_ADDR => '192.0.2.3', REMOTE_PORT => 1026 }, '192.0.2.3', 1026 ],
		[ 'stunnel', { REMOTE_HOST => '192.0.2.4', REMOTE_PORT => 1027 }, '192.0.2.4', 1027 ],
		[ 'xinetd', { REMOTE_HOST => '192.0.2.4' }, '192.0.2.4', undef ],
		[ 'BusyBox', { TCPREMOTEADDR => '192.0.2.5:1028' }, '192.0.2.5', 1028 ],
		[ 'BusyBox, IPv6', { TCPREMOTEADDR => '[2001:db8::5]:1029' }, '2001:db8::5', 1029 ],
		[ 'socat', { SOCAT_PEERADDR => '192.0.2.6', SOCAT_PEERPORT => 1030 }, '192.0.2.6', 1030 ],
		[ 'socat, IPv6', { SOCAT_PEERADDR => '[2001:db8::6]', SOCAT_PEERPORT => 1031 }, '2001:db8::6', 1031 ],
		[ 'ncat', { NCAT_REMOTE_ADDR => '192.0.2.7', NCAT_REMOTE_PORT => 1032 }, '192.0.2.7', 1032 ],
		[ 'an address without a port', { TCPREMOTEIP => '192.0.2.2' }, '192.0.2.2', undef ],
		[ 'an address with the port of another', { TCPREMOTEIP => '192.0.2.2', REMOTE_ADDR => '192.0.2.3', REMOTE_PORT => 7 }, '192.0.2.2', undef ],
		[ 'a port that is none', { TCPREMOTEIP => '192.0.2.2', TCPREMOTEPORT => 'smtp' }, '192.0.2.2', undef ],
		[ 'a port that is too big', { TCPREMOTEIP => '192.0.2.2', TCPREMOTEPORT => 65536 }, '192.0.2.2', undef ],
		[ 'an address that is none', { TCPREMOTEIP => 'client.example', TCPREMOTEPORT => 7, REMOTE_HOST => '192.0.2.4' }, '192.0.2.4', undef ],
		[ 'nothing', {}, undef, undef ],
		[ 'nothing but a port', { REMOTE_PORT => 7 }, undef, undef ],
	);
	for (@cases) {
		my ($what, $environment, @expected) = @$_;
		my ($told) = told($name, environment => $environment);
		is_deeply($told, \@expected, "$name: what the wrapper is told: $what");        ## smtp-stdio-peer
	}
}

# The whole way: each program, before and after, says the same peer, whatever the wrapper
# puts into the environment, and wherever the socket behind it leads.
sub peers_logged {
	my ($name, $wrapper, %with) = @_;
	my $log = new_file('log');
	my $client = hand_over($name, $wrapper, errors => $log, %with);
	$client->send("QUIT\r\n");
	$client->rest;
	is($client->status, 0, "$name: a good end");
	return [ contents($log) =~ / session peer=(\S+) /g ];
}

my $own_idea = 'env REMOTE_HOST=192.0.2.77 TCPREMOTEIP=192.0.2.78 PROTO=TCP %';
for my $name (sort keys %verb) {
	is_deeply(peers_logged($name, 'env %', wire => 'tcp'), [ ('127.0.0.1') x 2 ], "$name: before and after");     ## smtp-stdio-peer
	is_deeply(peers_logged($name, $own_idea, wire => 'tcp'), [ ('127.0.0.1') x 2 ], "$name: whatever the wrapper thinks"); ## smtp-stdio-peer
	is_deeply(peers_logged($name, $own_idea, environment => { TCPREMOTEIP => '192.0.2.1' }), [ ('192.0.2.1') x 2 ],
	    "$name: from the environment, too");       ## smtp-stdio-peer
	is_deeply(peers_logged($name, 'env REMOTE_ADDR=192.0.2.9 %'), [ 'unknown', '192.0.2.9' ],
	    "$name: nobody knew it before, so the wrapper may");       ## smtp-stdio-peer
}

# With -s the socket is the wrapper's: the environment comes first.  Without, the socket.
sub peer_logged {
	my ($name, $flags, %with) = @_;
	my $log = new_file('log');
	my $client = start($name, $root, $flags, errors => $log, %with);
	$client->send("QUIT\r\n");
	$client->rest;
	is($client->status, 0, "$name @$flags: a good end");
	return contents($log) =~ / session peer=(\S+) / ? $1 : contents($log);
}

my %environment = (TCPREMOTEIP => '192.0.2.2', REMOTE_ADDR => '192.0.2.3', REMOTE_HOST => '192.0.2.4');
for my $name (sort keys %verb) {
	my @there = (wire => 'tcp', environment => \%environment);
	is(peer_logged($name, [], @there), '127.0.0.1', "$name: the socket comes first");      ## smtp-stdio-peer
	is(peer_logged($name, [ '-s' ], @there), '192.0.2.2', "$name -s: the environment does, in its order");         ## smtp-stdio-peer
	is(peer_logged($name, [ '-s', '-g' ], @there), '192.0.2.3', "$name -s -g: REMOTE_ADDR before all others");     ## smtp-stdio-peer
	is(peer_logged($name, [ '-s' ], wire => 'tcp'), '127.0.0.1', "$name -s: then the socket"); ## smtp-stdio-peer
	is(peer_logged($name, [ '-s', '-g' ], wire => 'tcp', environment => { REMOTE_ADDR => 'x' }), '127.0.0.1',
	    "$name -s -g: then the socket");   ## smtp-stdio-peer
	is(peer_logged($name, [ '-s', '-g' ], environment => { REMOTE_ADDR => 'x', TCPREMOTEIP => '192.0.2.2' }), '192.0.2.2',
	    "$name -s -g: what is no address is passed over"); ## smtp-stdio-peer
}
done_testing;
