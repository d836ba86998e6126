# Where descriptor 0 is an Internet socket, its other end is the peer, whatever the
# environment says.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $session = "HELO client.example\r\nMAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\ntext\r\n.\r\nQUIT\r\n";

sub trace_over {
	my ($wire, %environment) = @_;
	my $root = new_root('bob@example.com');
	my $client = eval { start('smtp-stdio', $root, [], wire => $wire, environment => \%environment) } or return;
	$client->send($session);
	is($client->rest =~ /^221 /m ? $client->status : 'no 221', 0, "$wire: the session ends well");
	my ($path) = messages($root, 'bob@example.com');
	return $path ? contents($path) : '';
}

like(trace_over('tcp'), qr/\nReceived: from client\.example \(unknown \[127\.0\.0\.1\]\)\s/, 'IPv4'); ## smtp-stdio-peer smtp-5321-4.4-b
like(trace_over('tcp', TCPREMOTEIP => '192.0.2.1', REMOTE_ADDR => '192.0.2.2'),
    qr/\(unknown \[127\.0\.0\.1\]\)/, 'the socket comes before the environment'); ## smtp-stdio-peer
SKIP: {
	my $trace = trace_over('tcp6');
	skip('needs IPv6 on the loopback interface', 1) unless defined $trace;
	like($trace, qr/\nReceived: from client\.example \(\[IPv6:::1\]\)\s/, 'IPv6'); ## smtp-stdio-peer smtp-5321-4.4-b
}
like(trace_over('socket', TCPREMOTEIP => '192.0.2.1'), qr/\(unknown \[192\.0\.2\.1\]\)/,
    'a socket of another kind says nothing, so the environment does'); ## smtp-stdio-peer

done_testing;
