# Behind a real HAProxy, which is where all connections come from then: with send-proxy or
# send-proxy-v2 it says who the client is, and we believe it (-P).  The clients come from
# 127.0.0.2, so that whose address is found cannot be mistaken.
use strict;
use warnings;
use lib 'tests/lib';
use IO::Socket::IP;
use Test::More;
use PeerTest;

need(haproxy => 'haproxy', 'systemd-socket-activate' => 'systemd');

my $dir = scratch_dir();
my $root = mail_root('bob@example.com');
my ($smtp, undef, $smtp_log) = start_supervisor('systemd-socket-activate',
	program('smtp-stdio'), '-P', '-p', '-d', $root, '-h', 'mail.example.com');
my ($pop3, undef, $pop3_log) = start_supervisor('systemd-socket-activate',
	program('pop3-stdio'), '-P', '-p', '-d', $root, '-h', 'mail.example.com');
ok($smtp && $pop3, 'both listen') or BAIL_OUT('no server can be tested');

my $ipv6 = has_ipv6();

# Starts HAProxy with a service for each protocol and version of the header; and one more
# that looks by sessions of its own whether ours is well.  Returns their ports by name.
sub start_haproxy
{
	my %port = map { $_ => free_port() }
		'smtp send-proxy', 'smtp send-proxy-v2', 'pop3 send-proxy', 'pop3 send-proxy-v2', 'checked';
	my $services = '';

	for my $service (sort grep { / / } keys %port) {
		my ($protocol, $send) = split / /, $service;
		my $to = $protocol eq 'smtp' ? $smtp : $pop3;
		my $bind = "bind 127.0.0.1:$port{$service}" . ($ipv6 ? "\n\tbind [::1]:$port{$service}" : '');
		$services .= "listen $protocol-$send\n\t$bind\n\tserver one 127.0.0.1:$to $send\n";
	}
	my $configuration = spew("$dir/haproxy.cfg", <<"END");
defaults
	mode tcp
	timeout connect 20s
	timeout client 60s
	timeout server 60s
${services}listen checked
	bind 127.0.0.1:$port{checked}
	option smtpchk EHLO balancer.example
	server one 127.0.0.1:$smtp send-proxy-v2 check check-send-proxy inter 1s
END
	# It binds all ports, or says which it cannot and ends
	spew("$dir/haproxy.log", '');
	my $pid = start("$dir/haproxy.log", 'haproxy', '-f', $configuration, '-db');
	until_true(sub { slurp("$dir/haproxy.log") =~ /cannot bind/i || PeerTest::listening($port{checked}) });
	return %port if slurp("$dir/haproxy.log") !~ /cannot bind/i;
	stop($pid);
	return;
}

# Between choosing the ports and listening on them, somebody else may take one: so thrice
my %port;
for (1 .. 3) {
	%port = start_haproxy() and last;
	diag(slurp("$dir/haproxy.log"));
}
ok(%port, 'HAProxy listens') or BAIL_OUT('no balancer');

# A conversation from an address of the client's own: all that came, to the end.  Each
# step is a line to send and what its reply has to match before the next is sent.
sub talk_from
{
	my ($from, $to, $port, $greeting, @steps) = @_;
	my $socket = IO::Socket::IP->new(LocalHost => $from, PeerHost => $to, PeerPort => $port, Timeout => 30)
		or return "no connection: $@";
	return talk($socket, $greeting, @steps);
}

my $ok = qr/\A\+OK[^\n]*\r\n\z/;

sub sends_mail
{
	my ($from, $to, $port) = @_;
	return talk_from($from, $to, $port, qr/\A220 mail\.example\.com [^\n]*\r\n\z/,
		["EHLO client.example\r\n", qr/^250 [^\n]*\r\n\z/m],
		["MAIL FROM:<anna\@example.org>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\n", qr/^354 [^\n]*\r\n\z/m],
		["Subject: hello\r\n\r\nBehind a balancer.\r\n.\r\n", qr/^250 2\.0\.0 [^\n]*\r\n\z/],
		["QUIT\r\n", qr/^221 /]);
}

sub fetches_mail
{
	my ($from, $to, $port) = @_;
	return talk_from($from, $to, $port, qr/\A\+OK mail\.example\.com [^\n]*\r\n\z/,
		["USER bob\@example.com\r\n", $ok],
		["PASS wrong\r\n", qr/\A-ERR \[AUTH\] [^\n]*\r\n\z/],
		["USER bob\@example.com\r\n", $ok],
		["PASS secret\r\n", $ok],
		["RETR 1\r\n", qr/^\.\r\n\z/m],
		["DELE 1\r\n", $ok],
		["QUIT\r\n", $ok]);
}

# What a log says of peers, once there are as many lines as expected
sub peers
{
	my ($log, $from, $count) = @_;
	my @peers;

	until_true(sub {
		@peers = substr(slurp($log), $from) =~ / (?:delivery id=\S+|login-failed|session) peer=(\S+)/g;
		return @peers >= $count;
	}, 10);
	return "@peers";
}

for my $send ('send-proxy', 'send-proxy-v2') {
	for (['127.0.0.2', '127.0.0.1', '127.0.0.2', '[127.0.0.2]'], $ipv6 ? ['::1', '::1', '::1', '[IPv6:::1]'] : ()) {
		my ($from, $to, $peer, $literal) = @$_;

		my $wire = sends_mail($from, $to, $port{"smtp $send"});
		like($wire, qr/^354 .*\r\n250 2\.0\.0 .*\r\n221 2\.0\.0 .*\r\n\z/m, "$send, $peer: SMTP to its end"); ## proxy-v1-a proxy-v2-a
		my ($file) = stored($root, 'bob@example.com');
		like($file ? slurp($file) : '', qr/^Received: from client\.example \([^)]*\Q$literal\E\)/m,
			"$send, $peer: the client stands in Received"); ## smtp-stdio-peer

		my $before = -s $pop3_log;
		$wire = fetches_mail($from, $to, $port{"pop3 $send"});
		like($wire, qr/^Behind a balancer\.\r\n\.\r\n(?:\+OK[^\n]*\n){2}\z/m, "$send, $peer: POP3 to its end"); ## proxy-v1-a proxy-v2-a
		is(peers($pop3_log, $before, 2), "$peer $peer", "$send, $peer: the client stands in POP3's log, before the login and after"); ## smtp-stdio-peer
	}
}
like(slurp($smtp_log), qr/ delivery [^\n]*peer=127\.0\.0\.2 [^\n]*\n[^\n]* session peer=127\.0\.0\.2 /, 'and in that of SMTP'); ## smtp-stdio-peer

# A health check is the balancer's own: it says LOCAL, and finds the service well
ok(until_true(sub { slurp($smtp_log) =~ / session peer=127\.0\.0\.1 helo=balancer\.example / }),
	'a health check is a session of the balancer itself'); ## proxy-v2-a
like(sends_mail('127.0.0.2', '127.0.0.1', $port{checked}), qr/^221 /m, 'a service that is checked is served'); ## proxy-v2-a
unlike(slurp("$dir/haproxy.log"), qr/is DOWN/, 'and is well');

# Who goes round the balancer gets nothing
is(talk_from('127.0.0.2', '127.0.0.1', $smtp, qr/\A\z/, ["EHLO client.example\r\n", qr/\A\z/]), '',
	'SMTP without a header: not a word'); ## proxy-a
is(talk_from('127.0.0.2', '127.0.0.1', $pop3, qr/\A\z/, ["CAPA\r\n", qr/\A\z/]), '',
	'POP3 without a header: not a word'); ## proxy-a

done_testing();
