# Whom each supervisor says to be connected, and that it is found: the address by SMTP in
# Received, and address and port by POP3, which hands them to a TLS wrapper; here env(1),
# which shows them to the client.  Clients come from 127.0.0.2, so that nothing of the
# server's own can be taken for theirs.
#
# Of the supervisors that the manuals name, these are not here.  Those that Debian has no
# program of: s6-tcpserver, and tcpsvd of BusyBox, which is built without it; sessions in
# tests/smtp-stdio and tests/stdio/wrapper-learns-the-peer.t have what they leave in the
# environment.  systemd itself is in tests/systemd/booted.t; stunnel and
# tlswrapper, in front and behind STARTTLS, in tests/peers/tls-*-clients.t.
use strict;
use warnings;
use lib 'tests/lib';
use IO::Socket::INET;
use IO::Socket::UNIX;
use Test::More;
use PeerTest;

sub from
{
	my ($address, $port) = @_;
	return IO::Socket::INET->new(LocalAddr => $address, PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 30)
		|| die "no connection: $@\n";
}

# What a server says first: one line
my $one_line = qr/^\S[^\n]*\r\n\z/;

my @mail = (
	["HELO client.example\r\n", qr/^250 [^\n]*\r\n\z/],
	["MAIL FROM:<a\@example.org>\r\n", qr/^250 [^\n]*\r\n\z/],
	["RCPT TO:<bob\@example.com>\r\n", qr/^250 [^\n]*\r\n\z/],
	["DATA\r\n", qr/^354 [^\n]*\r\n\z/],
	["hello\r\n.\r\n", qr/^250 [^\n]*\r\n\z/],
	["QUIT\r\n", qr/^221 [^\n]*\r\n/],
);

# What env(1) shows behind the reply to STLS
sub shown
{
	my ($wire) = @_;
	return [ map { $wire =~ /^REMOTE_$_=([^\r\n]*)/m ? $1 : 'nothing' } 'ADDR', 'PORT' ];
}

for (supervisors()) {
	my ($supervisor, $package) = @$_;
	my ($command) = split / /, $supervisor;

	subtest_with { $command => $package }, $supervisor => sub {
		my $root = mail_root('bob@example.com');
		my ($smtp, $smtp_pid) = start_supervisor($supervisor, program('smtp-stdio'), '-d', $root);
		my ($pop3, $pop3_pid) = start_supervisor($supervisor, program('pop3-stdio'), '-d', $root, '-T', 'env');
		ok($smtp && $pop3, 'both listen') or return;

		like(talk(from('127.0.0.2', $smtp), $one_line, @mail), qr/\r\n221 [^\n]*\n\z/, 'a message is sent');
		my ($file) = stored($root, 'bob@example.com');
		like($file ? slurp($file) : '', qr/^Received: from client\.example \((?:\S+ )?\[127\.0\.0\.2\]\)/m,
			'the client stands in Received'); ## smtp-stdio-peer

		my $socket = from('127.0.0.2', $pop3);
		my $port = $socket->sockport;
		is_deeply(shown(talk($socket, $one_line, ["STLS\r\n", qr/^\+OK [^\n]*\r\n/])), ['127.0.0.2', $port],
			'POP3 knows address and port'); ## smtp-stdio-peer
		stop($_) for $smtp_pid, $pop3_pid;
	};
}

# A client on this host, by a Unix socket, has no address, and none is made up
subtest_with { 'systemd-socket-activate' => 'systemd' }, 'a Unix socket' => sub {
	my $root = mail_root('bob@example.com');
	my $dir = scratch_dir();

	for (['smtp', program('smtp-stdio')], ['pop3', program('pop3-stdio'), '-T', 'env']) {
		my ($name, @program) = @$_;
		my $pid = start("$dir/$name.log", 'systemd-socket-activate', '-l', "$dir/$name", '--accept', '--inetd', @program, '-d', $root);
		my $socket;
		ok(until_true(sub { $socket = IO::Socket::UNIX->new(Peer => "$dir/$name") }), "$name: is served");
		my $wire = talk($socket, $one_line, $name eq 'smtp' ? @mail : ["STLS\r\n", qr/^\+OK [^\n]*\r\n/]);
		is_deeply(shown($wire), ['nothing', 'nothing'], "$name: the wrapper is told of nobody") if $name eq 'pop3'; ## smtp-stdio-peer
		stop($pid);
	}
	my ($file) = stored($root, 'bob@example.com');
	like($file ? slurp($file) : '', qr/^Received: from client\.example \(unknown\)\n/m, 'SMTP says unknown'); ## smtp-stdio-peer
};

# What a client, or whoever runs the supervisor, leaves in the environment is not believed
# where there is a socket that says who is connected
subtest_with { 'systemd-socket-activate' => 'systemd' }, 'a stale environment' => sub {
	my $root = mail_root('bob@example.com');
	my ($port, $pid) = start_on_loopback({ environment => ['TCPREMOTEIP=192.0.2.1', 'REMOTE_ADDR=192.0.2.2', 'REMOTE_PORT=1'] },
		program('pop3-stdio'), '-d', $root, '-T', 'env');
	my $socket = from('127.0.0.2', $port);
	my $own = $socket->sockport;
	is_deeply(shown(talk($socket, $one_line, ["STLS\r\n", qr/^\+OK [^\n]*\r\n/])), ['127.0.0.2', $own], 'the socket comes first'); ## smtp-stdio-peer
	stop($pid);
};
done_testing();
