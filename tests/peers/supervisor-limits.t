# What becomes of one connection too many under each supervisor that has a limit: who is
# turned away, who has to wait, and what he hears; that nobody else is in trouble, and that
# everybody is served again afterwards.  systemd itself is in tests/systemd/booted.t.
use strict;
use warnings;
use lib 'tests/lib';
use IO::Select;
use IO::Socket::INET;
use Test::More;
use PeerTest;

my $line = qr/[^\r\n]*\r\n/;
my $root = mail_root('bob@example.com');
my @program = (program('smtp-stdio'), '-d', $root);
my $greeting = qr/\A220 $line\z/;

sub from
{
	my ($address, $port) = @_;
	return IO::Socket::INET->new(LocalAddr => $address, PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 30);
}

# What a connection hears first: a line, 'closed' at its end, or 'refused' where there is none.
sub heard
{
	my ($socket) = @_;
	my $said = '';

	return 'refused' if !$socket;
	while ($said !~ /\n\z/) {
		return "${said}nothing" if !IO::Select->new($socket)->can_read(30);
		return "${said}closed" if !sysread $socket, $said, 4096, length $said;
	}
	return $said;
}

# A message on a connection that was not greeted yet, or was
sub takes_mail
{
	my ($socket, $first, $what) = @_;
	like($socket ? talk($socket, $first,
		["HELO client.example\r\n", qr/^250 $line\z/],
		["MAIL FROM:<a\@example.org>\r\n", qr/^250 $line\z/],
		["RCPT TO:<bob\@example.com>\r\n", qr/^250 $line\z/],
		["DATA\r\n", qr/^354 $line\z/],
		["hello\r\n.\r\n", qr/^250 $line\z/],
		["QUIT\r\n", qr/^221 $line\z/]) : 'no connection', qr/^250 2\.0\.0 ${line}221 $line\z/m, $what);
}

sub inetd_line
{
	my ($dir, $port, $wait) = @_;
	my $user = getpwuid $>;
	return spew("$dir/inetd.conf", "127.0.0.1:$port stream tcp $wait $user $program[0] smtp-stdio @program[1 .. $#program]\n");
}

sub xinetd_with
{
	my ($dir, $port, @settings) = @_;
	my $user = getpwuid $>;
	my ($server, @arguments) = @program;
	return spew("$dir/xinetd.conf", join "\n", 'defaults', '{', "log_type = FILE $dir/xinetd.log", 'log_on_failure = HOST', '}',
		'service smtp-stdio', '{', 'type = UNLISTED', 'socket_type = stream', 'protocol = tcp', 'wait = no', 'bind = 127.0.0.1',
		"port = $port", "user = $user", "server = $server", "server_args = @arguments", @settings, '}', '');
}

sub xinetd
{
	my ($dir, $port, @settings) = @_;
	return ('xinetd', '-dontfork', '-f', xinetd_with($dir, $port, @settings), '-pidfile', "$dir/xinetd.pid");
}

# Each with a limit of two: its name, program and package; its command line for a port; what
# the third connection of a client hears, that of another, and what the log says of that.
# "waits" is to be served as soon as another one has ended.
my @limits = (
	['xinetd, per_source', xinetd => 'xinetd', sub { xinetd(@_, 'per_source = 2', 'cps = 1000 1') },
		'closed', $greeting, qr/FAIL: smtp-stdio per_source_limit from=127\.0\.0\.2$/m],
	['xinetd, instances', xinetd => 'xinetd', sub { xinetd(@_, 'instances = 2', 'cps = 1000 1') },
		'closed', 'closed', qr/FAIL: smtp-stdio service_limit from=127\.0\.0\.3$/m],
	['tcpserver -c', tcpserver => 'ucspi-tcp', sub { ('tcpserver', '-v', '-R', '-H', '-l', '0', '-c', '2', '127.0.0.1', $_[1], @program) },
		'waits', 'waits', qr{^tcpserver: status: 2/2$}m],
	['tcpsvd -c', tcpsvd => 'ipsvd', sub { ('tcpsvd', '-v', '-l', '0', '-c', '2', '127.0.0.1', $_[1], @program) },
		'waits', 'waits', qr{^tcpsvd: info: status 2/2$}m],
	['tcpsvd -C', tcpsvd => 'ipsvd', sub { ('tcpsvd', '-v', '-l', '0', '-C', '2', '127.0.0.1', $_[1], @program) },
		'closed', $greeting, qr/^tcpsvd: info: deny \d+ 0:127\.0\.0\.1 ::127\.0\.0\.2:/m],
	['tcpsvd -C with a reply', tcpsvd => 'ipsvd', sub { ('tcpsvd', '-v', '-l', '0', '-C', "2:421 4.7.0 Too many connections\r\n", '127.0.0.1', $_[1], @program) },
		qr/\A421 4\.7\.0 Too many connections\r\n\z/, $greeting, qr/^tcpsvd: info: deny \d+ 0:127\.0\.0\.1 ::127\.0\.0\.2:/m],
	['socat max-children', socat => 'socat', sub { ('socat', "TCP-LISTEN:$_[1],bind=127.0.0.1,reuseaddr,fork,max-children=2", "EXEC:@program,nofork") },
		'waits', 'waits', qr//],
	['ncat --max-conns', ncat => 'ncat', sub { ('ncat', '-l', '127.0.0.1', $_[1], '--keep-open', '--max-conns', '2', '-e', "@program") },
		'closed', 'closed', qr//],
);

sub hears
{
	my ($socket, $expected, $what) = @_;
	if (ref $expected) {
		like(heard($socket), $expected, $what);
	} elsif ($expected eq 'waits') {
		ok($socket && !IO::Select->new($socket)->can_read(0.3), "$what: nothing yet");
	} else {
		is(heard($socket), $expected, $what);
	}
}

for (@limits) {
	my ($name, $command, $package, $start, $third, $other, $log) = @$_;

	subtest_with { $command => $package }, $name => sub {
		my $dir = scratch_dir();
		my $port = free_port();
		my $pid = start("$dir/log", $start->($dir, $port));
		ok(wait_for_port($port), 'listens') or return diag(slurp("$dir/log"));

		my @first = map { from('127.0.0.2', $port) } 1, 2;
		hears($_, $greeting, 'within the limit') for @first;
		my ($again, $stranger) = (from('127.0.0.2', $port), from('127.0.0.3', $port));
		hears($again, $third, 'one too many of a client');
		hears($stranger, $other, 'one of another client');
		my $logs = $command eq 'xinetd' ? "$dir/xinetd.log" : "$dir/log";
		ok(until_true(sub { slurp($logs) =~ $log }, 10), 'what is logged of it') or diag(slurp($logs));

		# Who was there first goes on, and ends
		takes_mail($_, qr/\A\z/, 'a session within the limit') for @first;
		if ($third eq 'waits') {
			takes_mail($again, $greeting, 'who has waited is served');
			takes_mail($stranger, $greeting, 'so is the other one');
		} else {
			close $_ for grep { $_ } $again, $stranger;
		}
		# Until the supervisor has seen the ends of the others, one may be turned away
		ok(until_true(sub {
			my $socket = from('127.0.0.2', $port) or return 0;
			heard($socket) =~ $greeting or return 0;
			takes_mail($socket, qr/\A\z/, 'the client may come again');
			return 1;
		}), 'which is soon');
		stop($pid);
	};
}

# The one limit that closes the port, and for everybody: what the files that are shipped
# have is so high that it is for the worst only
subtest_with { xinetd => 'xinetd' }, 'xinetd, cps' => sub {
	my $dir = scratch_dir();
	my $port = free_port();
	my $pid = start("$dir/log", xinetd($dir, $port, 'cps = 5 1'));
	ok(wait_for_port($port), 'listens') or return diag(slurp("$dir/log"));
	my @all = map { from('127.0.0.2', $port) } 1 .. 12;
	my $closed = grep { heard($_) !~ $greeting } @all;
	cmp_ok($closed, '>', 0, 'too many in a second are turned away');
	like(slurp("$dir/xinetd.log"), qr/FAIL: smtp-stdio connections per second from=127\.0\.0\.2$/m, 'which is logged');
	close $_ for grep { $_ } @all;
	ok(until_true(sub { heard(from('127.0.0.2', $port)) =~ $greeting }), 'and a second later the port is open');
	stop($pid);
};

# inetd counts connections within a minute, and then closes the port for ten: 256 where
# nothing else is said, which a flood makes in a moment
subtest_with { inetd => 'openbsd-inetd' }, 'inetd' => sub {
	my ($most) = slurp('smtp-stdio/smtp-stdio.8') =~ /^smtp stream tcp nowait\.(\d+) /m;
	ok($most, 'smtp-stdio(8) has a line for it') or return;
	for (['nowait.2', 0], ["nowait.$most", 1]) {
		my ($wait, $survives) = @$_;
		my $dir = scratch_dir();
		my $port = free_port();
		my $pid = start("$dir/log", 'inetd', '-i', inetd_line($dir, $port, $wait));
		ok(wait_for_port($port), "$wait listens") or next;
		my @heard = map { heard(from('127.0.0.2', $port)) } 1 .. 300;
		my $greeted = grep { $_ =~ $greeting } @heard;
		$survives ? is($greeted, 300, "$wait: 300 within seconds are served")
			: cmp_ok($greeted, '<=', 2, "$wait: the port is closed, for everybody");
		stop($pid);
	}
};

done_testing();
