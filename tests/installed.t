#!/usr/bin/perl
# The system-wide part of README.md and the supervisors in the manual pages, as they
# stand there, from `make install` to mail on the ports 25 and 110, and by TLS on these
# and on 587, 465 and 995.  It all happens in namespaces of its own: /etc is a copy,
# /usr/local, /var/lib and /run are empty, the loopback interface is nobody else's, and
# no other process is to be seen.
use strict;
use warnings;
use lib 'tests/lib';
use IO::Select;
use IO::Socket::INET;
use MIME::Base64 qw(encode_base64);
use Socket qw(AF_INET SOCK_DGRAM);
use Test::More;
use Text::ParseWords qw(shellwords);
use PeerTest;
use Manual;

need(root => '', unshare => 'util-linux', useradd => 'passwd', curl => 'curl', openssl => 'openssl');
if (!$ENV{IN_NAMESPACES}) {
	my @unshare = qw(unshare --mount --net --pid --fork --kill-child --mount-proc);
	if (system @unshare, 'true') {
		plan skip_all => 'needs namespaces (unshare)' unless $ENV{STRICT};
		plan tests => 1;
		fail('needs namespaces (unshare)');
		exit 1;
	}
	$ENV{IN_NAMESPACES} = 1;
	exec @unshare, $^X, $0;
}

my $line = qr/[^\r\n]*\r\n/;
my $ok = qr/\A\+OK$line\z/;
my $etc = scratch_dir();

# Commands of an administrator, in the directory of one; returns what they print.
sub system_ok {
	my ($commands, %how) = @_;
	my ($status, $out, $error) = run([ 'sh', '-ec', "cd $etc\n$commands" ], %how);
	is($status, 0, $commands =~ s/\n.*//sr) or diag($out, $error);
	return $out;
}

# Whether something listens on the port, for IPv4 or for IPv6 and so for both.
sub listens {
	my ($port) = @_;
	my $listening = sprintf ':%04X [0-9A-F]+:0000 0A ', $port;
	return (slurp('/proc/net/tcp') . slurp('/proc/net/tcp6')) =~ /$listening/;
}

sub mail_comes_and_goes {
	my ($supervisor, @processes) = @_;
	for my $port (25, 110) {
		ok(until_true(sub { listens($port) }), "$supervisor listens on port $port") or return;
	}
	like(session(25, qr/\A220 \S+ ESMTP\r\n\z/,
		[ "EHLO client.example\r\n", qr/^250 $line\z/m ],
		[ "MAIL FROM:<a\@example.org>\r\n", qr/\r\n\z/ ],
		[ "RCPT TO:<bob\@example.com>\r\n", qr/\r\n\z/ ],
		[ "DATA\r\n", qr/\r\n\z/ ],
		[ "Subject: $supervisor\r\n.\r\n", qr/\r\n\z/ ],
		[ "QUIT\r\n", qr/\r\n\z/ ]), qr/^250 2\.0\.0 ${line}221 $line\z/m, "$supervisor: mail is taken");
	my ($stored) = stored('/var/lib/mail-stdio', 'bob@example.com');
	ok(defined $stored && getpwuid((stat $stored)[4]) eq 'mail-stdio', "$supervisor: it belongs to the service user");
	like(slurp($stored || '/dev/null'), qr/^Received: from client\.example \(unknown \[127\.0\.0\.1\]\)/m,
		"$supervisor: it says from where it came");
	my $fetch = 'pop3-fetch -S localhost -u bob@example.com -w password';
	like(system_ok("$fetch read 1; $fetch delete 1"), qr/^Subject: $supervisor$/m, "$supervisor: mail is given out");
	stop($_) for @processes;
}

# For each port of the TLS kind: what openssl is to speak before the handshake, what the
# client says, and what it hears.
my $plain = 'AUTH PLAIN ' . encode_base64("\0bob\@example.com\0secret", '');
my @send = ('MAIL FROM:<bob@example.com>', 'RCPT TO:<bob@example.com>', 'DATA', "Subject: TLS\r\n\r\nTLS\r\n.", 'QUIT');
my $sent = qr/250 2\.1\.0 ${line}250 2\.1\.5 ${line}354 ${line}250 2\.0\.0 ${line}221 $line\z/;
my $popped = qr/(?:\+OK $line){2}\+OK \d+ \d+\r\n\+OK $line\z/;
my %protected = (
	25 => [ 'smtp', [ 'EHLO client.example', @send ], qr/^250 HELP\r\n$sent/m ],
	587 => [ 'smtp', [ 'EHLO client.example', $plain, @send ], qr/^235 2\.7\.0 $line$sent/m ],
	465 => [ '', [ 'EHLO client.example', $plain, @send ], qr/\A220 $line(?s:.*)^235 2\.7\.0 $line$sent/m ],
	110 => [ 'pop3', [ 'USER bob@example.com', 'PASS secret', 'STAT', 'QUIT' ], qr/^$popped/m ],
	995 => [ '', [ 'USER bob@example.com', 'PASS secret', 'STAT', 'QUIT' ], qr/\A\+OK $line$popped/ ],
);

# A session under TLS on one of these ports: mail is taken, or given out.
sub protected_session {
	my ($supervisor, $port, @processes) = @_;
	my ($starttls, $lines, $heard) = @{ $protected{$port} };
	ok(until_true(sub { listens($port) }), "$supervisor listens on port $port") or return;
	my ($status, $out, $error) = run([ 'openssl', 's_client', '-quiet', '-connect', "localhost:$port",
		$starttls ? ('-starttls', $starttls) : (), '-CAfile', "$etc/certificate.pem", '-verify_return_error' ],
		input => join('', map { "$_\r\n" } @$lines));
	is($status, 0, "$supervisor: TLS on port $port") or diag($error);
	like($out, $heard, "$supervisor: and a session");
	stop($_) for @processes;
	# Else whoever comes next would find the port taken, or talk to the wrong one
	until_true(sub { !listens($port) }) if @processes;
}

# A unit's setting, the last where there are several.
sub setting {
	my ($unit, $name) = @_;
	my @values = $unit =~ /^$name=-?((?:.*\\\n)*.*)$/mg;
	return @values ? $values[-1] =~ s/\\\n//gr : undef;
}

# What the manager does with a socket that has Accept=yes, as far as it can be done
# without one.
sub start_unit {
	my ($name) = @_;
	my $units = '/usr/local/lib/systemd/system';
	my $service = slurp("$units/$name\@.service");
	my $user = setting($service, 'User');
	return start("$etc/$name.log", 'systemd-socket-activate', '-l', setting(slurp("$units/$name.socket"), 'ListenStream'),
		'--accept', '--inetd', 'setpriv', "--reuid=$user", "--regid=$user", '--clear-groups', '--no-new-privs',
		shellwords(setting($service, 'ExecStart')));
}

# What has come to syslog(3) since.
my $read = 0;
sub logged {
	my $new = substr slurp("$etc/syslog"), $read;
	$read += length $new;
	return $new;
}

# A connection to port 25 from this address, and what it is greeted with.
sub connected_from {
	my ($address) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:25', LocalAddr => $address, Timeout => 10) or return;
	return ($socket, IO::Select->new($socket)->can_read(30) ? scalar readline $socket : 'nothing');
}

is(system('sh', '-ec', <<'END', 'sh', $etc), 0, 'a machine to spoil');
cp -a /etc/. "$1"
mkdir "$1/unpacked" "$1/devices"
for program in inetd inetutils-inetd; do
	if [ -x /usr/local/sbin/$program ]; then cp /usr/local/sbin/$program "$1/unpacked"; fi
done
mount -t tmpfs tmpfs "$1/devices"
cp -a /dev/null /dev/zero /dev/random /dev/urandom "$1/devices"
ln -s /proc/self/fd "$1/devices/fd"
ln -s fd/0 "$1/devices/stdin"
mount --move "$1/devices" /dev
mount --bind "$1" /etc
for hidden in /usr/local /var/lib /run; do mount -t tmpfs tmpfs $hidden; done
END
start("$etc/syslog", $^X, '-MIO::Socket::UNIX', '-e', <<'END');
$| = 1;
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => '/dev/log') or die "/dev/log: $!\n";
chmod 0666, '/dev/log';
print "$_\n" while defined $socket->recv($_, 65536);
END
socket my $socket, AF_INET, SOCK_DGRAM, 0 or die "socket: $!\n";
my $up = pack 'a16s', 'lo', 0x41;	# IFF_UP | IFF_RUNNING
ok(ioctl($socket, 0x8914, $up), 'its loopback interface is up');	# SIOCSIFFLAGS
$ENV{PATH} = "/usr/local/sbin:/usr/local/bin:$etc/unpacked:$ENV{PATH}";
delete $ENV{MAILROOT};

# The programs of this very build.
sub make_install {
	local $ENV{MAKEFLAGS} = 'BUILD=' . ($ENV{BUILD} || 'build') . ($ENV{SANITIZED} ? ' SANITIZE=1' : '');
	my ($status, undef, $error) = run([ 'make', 'install' ], seconds => 300);
	is($status, 0, 'make install') or BAIL_OUT($error);
}
make_install();

subtest_with { 'systemd-sysusers' => 'systemd', 'systemd-tmpfiles' => 'systemd' }, 'what systemd makes' => sub {
	# Not that of the machine itself: only what has been installed
	system_ok(<<'END');
systemd-sysusers mail-stdio.conf
systemd-tmpfiles --create mail-stdio.conf
END
	is((stat '/var/lib/mail-stdio')[4], scalar(getpwnam 'mail-stdio'), 'the mail root belongs to the service user');
	# No manager runs here: what can be done without one is done
	local $ENV{SYSTEMD_OFFLINE} = 1;
	system_ok(<<'END');
systemctl daemon-reload
systemctl enable smtp-stdio.socket pop3-stdio.socket
systemctl enable submission.socket submissions.socket pop3s.socket
END
	ok(-l "/etc/systemd/system/sockets.target.wants/$_.socket", "$_ is enabled")
		for qw(smtp-stdio pop3-stdio submission submissions pop3s);
	system_ok('userdel mail-stdio; rm -r /var/lib/mail-stdio');
};

system_ok(<<'END');
useradd --system --user-group --home-dir /var/lib/mail-stdio --shell /usr/sbin/nologin mail-stdio
install -d -o mail-stdio -g mail-stdio -m 700 /var/lib/mail-stdio
echo secret >password
mailstore add bob@example.com <password
END
is((stat '/var/lib/mail-stdio/accounts/example.com/bob')[4], scalar(getpwnam 'mail-stdio'), 'the account belongs to the service user');
for my $name (qw(smtp submission submissions pop3 pop3s)) {
	ok(-x "/usr/local/share/doc/mail-stdio/stunnel-$name.conf", "stunnel-$name.conf is there and can be executed");
}
ok(-f '/etc/fail2ban/filter.d/mail-stdio.conf', 'a filter for fail2ban is where it looks for filters');
system_ok('man -M /usr/local/share/man -w 8 smtp-stdio pop3-stdio mailstore && man -M /usr/local/share/man -w 5 mailstore')
	if grep { -x "$_/man" } split /:/, $ENV{PATH};

subtest_with { tcpserver => 'ucspi-tcp' }, 'tcpserver' => sub {
	mail_comes_and_goes('tcpserver', map {
		start("$etc/$_.log", 'sh', '-c', 'exec ' . display($_, 'tcpserver'))
	} 'smtp-stdio', 'pop3-stdio');
};

subtest_with { tcpsvd => 'ipsvd' }, 'tcpsvd' => sub {
	mail_comes_and_goes('tcpsvd', map {
		start("$etc/$_.log", 'sh', '-c', 'exec ' . (commands($_, 'tcpsvd'))[0])
	} 'smtp-stdio', 'pop3-stdio');
};

# Not where they belong: xinetd would take them for its own
spew("$etc/lines", display('smtp-stdio', 'smtp stream') . display('pop3-stdio', 'pop3 stream'));
for ([ inetd => 'openbsd-inetd', '-i' ], [ 'inetutils-inetd' => 'inetutils-inetd', '--debug' ]) {
	my ($inetd, $package, $in_foreground) = @$_;
	subtest_with { $inetd => $package }, $inetd => sub {
		mail_comes_and_goes($inetd, start("$etc/$inetd.log", $inetd, $in_foreground, "$etc/lines"));
	};
}

subtest_with { 'systemd-socket-activate' => 'systemd', setpriv => 'util-linux' }, 'systemd' => sub {
	mail_comes_and_goes('systemd', map { start_unit($_) } 'smtp-stdio', 'pop3-stdio');
};

subtest_with { xinetd => 'xinetd', service => 'init-system-helpers' }, 'xinetd' => sub {
	system_ok(<<'END');
sed -i '/disable/s/yes/no/' /etc/xinetd.d/smtp-stdio /etc/xinetd.d/pop3-stdio
service xinetd restart
END
	make_install();
	like(slurp('/etc/xinetd.d/smtp-stdio'), qr/^\tdisable += no$/m, 'installed once more, it leaves what is enabled so');
	mail_comes_and_goes('xinetd');
	ok(!listens($_), "nothing listens on port $_, which nobody has enabled") for 587, 465, 995, 24;
	logged();
	like(system_ok(<<'END'), qr/^Subject: Hello\n\nHello Bob\.$/m, 'the letter comes, and is read');
printf '%s\r\n' 'Subject: Hello' '' 'Hello Bob.' >letter
curl -sS smtp://localhost --mail-from alice@example.org --mail-rcpt bob@example.com -T letter
pop3-fetch -S localhost -u bob@example.com -w password read 1
END
	my $log = '';
	ok(until_true(sub { ($log .= logged()) =~ /EXIT: pop3-stdio/ }), 'xinetd logs the end of a session');
	like($log, qr/START: smtp-stdio pid=\d+ from=\S*127\.0\.0\.1$/m, 'and from where it comes');
	like($log, qr/EXIT: smtp-stdio status=0 pid=\d+ duration=\d+\(sec\)$/m, 'and how it ends');
	is(scalar(() = $log =~ /smtp-stdio\[\d+\]: delivery id=\S+ peer=127\.0\.0\.1 .* to=bob\@example\.com .*status=250$/mg), 1,
		'and the program each delivery') or diag($log);
};

subtest_with { xinetd => 'xinetd' }, 'the limits of xinetd' => sub {
	my @open = map { [ connected_from('127.0.0.2') ] } 1 .. 20;
	is(scalar(grep { ($_->[1] // '') =~ /^220 / } @open), 20, 'twenty connections from one address');
	is((connected_from('127.0.0.2'))[1], undef, 'one more is closed without a word');
	my $log = '';
	ok(until_true(sub { ($log .= logged()) =~ /FAIL: smtp-stdio per_source_limit from=\S*127\.0\.0\.2$/m }), 'the log says why') or diag($log);
	like((connected_from('127.0.0.3'))[1], qr/^220 /, 'others are served');
	system_ok('service xinetd stop');
	ok(until_true(sub { !listens(25) }), 'it stops');
};

subtest_with { 'systemd-analyze' => 'systemd' }, 'drop-ins' => sub {
	my %drop_in = ('smtp-stdio@.service' => [ 'smtp-stdio', "[Service]\nExecStart=\n", "[Service]\nEnvironment=" ],
		'smtp-stdio.socket' => [ 'smtp-stdio', "[Socket]\nListenStream=" ], 'lmtp-stdio.socket' => [ 'smtp-stdio', "[Socket]\nSocketUser=" ],
		'pop3-stdio@.service' => [ 'pop3-stdio', '[Service]' ]);
	for my $unit (sort keys %drop_in) {
		my ($program, @beginnings) = @{ $drop_in{$unit} };
		system_ok("mkdir /etc/systemd/system/$unit.d");
		spew("/etc/systemd/system/$unit.d/$_.conf", join '', displays($program, $beginnings[$_])) for 0 .. $#beginnings;
		my ($status, $out, $error) = run([ 'systemd-analyze', 'verify', '--man=no', "/usr/local/lib/systemd/system/$unit" ]);
		is("$status$out$error", '0', "$unit is in order with them");
	}
};

# From here on with TLS: first what README.md says to do with key and certificate
my %tls = (openssl => 'openssl', stunnel => 'stunnel4');
my ($for_wrappers, $certificate, $key) = certificate();
spew("$etc/certificate.pem", slurp($certificate));
spew("$etc/key.pem", slurp($key));
system_ok(<<'END');
install -d /etc/mail-stdio
install -m 400 -o mail-stdio /dev/null /etc/mail-stdio/tls.pem
cat key.pem certificate.pem >/etc/mail-stdio/tls.pem
cp /usr/local/share/doc/mail-stdio/stunnel-*.conf /etc/mail-stdio
END

subtest_with { tcpserver => 'ucspi-tcp', tlswrapper => 'tlswrapper', %tls }, 'tcpserver with TLS' => sub {
	# Its jail, which was in what is hidden here
	system_ok('install -d /var/lib/tlswrapper/empty');
	for ([ 'smtp-stdio', "tcpserver -v -R -H -l mail.example.com 0 25 \\e\n    smtp-stdio -h mail.example.com \\e\n" ],
		[ 'pop3-stdio', "tcpserver -v -R -H -l mail.example.com 0 110" ]) {
		for my $command (commands(@$_)) {
			my ($port) = $command =~ /-l mail\.example\.com 0 (\d+) /;
			my ($wrapper) = $command =~ /(stunnel|tlswrapper)/;
			# It leaves what it runs less memory than the sanitizers want
			next if $ENV{SANITIZED} && $wrapper eq 'tlswrapper';
			protected_session("tcpserver, $wrapper", $port, start("$etc/tcpserver.log", 'sh', '-c', "exec $command"));
		}
	}
};

subtest_with { xinetd => 'xinetd', %tls }, 'xinetd with TLS' => sub {
	system_ok("sed -i '/disable/s/yes/no/' /etc/xinetd.d/submission /etc/xinetd.d/submissions /etc/xinetd.d/pop3s");
	system_ok('service xinetd restart');
	protected_session('xinetd', $_) for 25, 587, 465, 110, 995;
	like(system_ok(<<'END'), qr/^Subject: Hello\r$/m, 'any program can fetch the letter');
curl -sS --ssl-reqd --cacert certificate.pem pop3://localhost/1 -u bob@example.com:secret
END
	system_ok('service xinetd stop');
	until_true(sub { !listens(25) });
};

subtest_with { inetd => 'openbsd-inetd', %tls }, 'inetd with TLS' => sub {
	my $inetd = start("$etc/inetd.log", 'inetd', '-i', "$etc/lines");
	protected_session('inetd', $_) for 25, 587, 465, 110, 995;
	stop($inetd);
	until_true(sub { !listens(25) });
};

subtest_with { 'systemd-socket-activate' => 'systemd', setpriv => 'util-linux', %tls }, 'systemd with TLS' => sub {
	my %unit = (25 => 'smtp-stdio', 587 => 'submission', 465 => 'submissions', 110 => 'pop3-stdio', 995 => 'pop3s');
	protected_session('systemd', $_, start_unit($unit{$_})) for sort keys %unit;
};

subtest_with { 'fail2ban-client' => 'fail2ban', 'fail2ban-regex' => 'fail2ban' }, 'fail2ban' => sub {
	spew('/etc/fail2ban/jail.d/mail-stdio.conf', display('smtp-stdio', "[mail-stdio]\n"));
	my ($status, $out, $error) = run([ 'fail2ban-client', '-d' ]);
	is($status, 0, 'a configuration in order') or diag($error);
	like($out, qr/'add', 'mail-stdio'/, 'the jail is there');
	like($out, qr/'addjournalmatch', 'SYSLOG_IDENTIFIER=smtp-stdio', '\+', 'SYSLOG_IDENTIFIER=pop3-stdio'/, 'and reads the journal');
	($status, $out) = run([ 'fail2ban-regex', '-o', '<ip>',
		'pop3-stdio[1]: login-failed peer=192.0.2.1 user=bob reason="wrong user or password"', 'mail-stdio' ]);
	is($out, "192.0.2.1\n", 'the filter is found by its name, and finds');
};

done_testing();
