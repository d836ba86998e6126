#!/usr/bin/perl
# The system-wide part of README.md and the supervisors in the manual pages, as they
# stand there, from `make install` to mail on the ports 25 and 110, and by TLS on these
# and on 587, 465 and 995.  It all happens in mount and network namespaces of its own:
# /etc is a copy, /usr/local and /var/lib are empty, and the loopback interface is nobody
# else's.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use MIME::Base64 qw(encode_base64);
use Socket qw(AF_INET SOCK_DGRAM);
use Test::More;
use Text::ParseWords qw(shellwords);
use PeerTest;

need(root => '', unshare => 'util-linux', useradd => 'passwd');
if (!$ENV{IN_NAMESPACES}) {
	if (system 'unshare', '--mount', '--net', 'true') {
		plan skip_all => 'needs namespaces (unshare)' unless $ENV{STRICT};
		plan tests => 1;
		fail('needs namespaces (unshare)');
		exit 1;
	}
	$ENV{IN_NAMESPACES} = 1;
	exec 'unshare', '--mount', '--net', $^X, $0;
}

my $line = qr/[^\r\n]*\r\n/;
my $ok = qr/\A\+OK$line\z/;
my $readme = slurp('README.md');
my $etc = scratch_dir();

sub system_ok {
	my ($command, %how) = @_;
	my ($status, $out, $error) = run([ 'sh', '-ec', $command ], %how);
	is($status, 0, $command) or diag($out, $error);
}

# The literal displays of a page that begin with this text.
sub display {
	my ($program, $beginning) = @_;
	my @displays = slurp("$program/$program.8") =~ /^\.Bd -literal[^\n]*\n(.*?)^\.Ed$/gms;
	my ($display) = grep { /\A\Q$beginning\E/ } @displays;
	ok($display, "$program(8) has an example: " . ($beginning =~ s/\n.*//sr)) or return '';
	$display =~ s/\\e/\\/g;
	return $display;
}

# The same, where README.md has it too.
sub shown_in_both {
	my ($program, $beginning) = @_;
	my $display = display($program, $beginning);
	ok(index($readme, $display) >= 0, "README.md has the same");
	return $display;
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
	like(session(25, qr/\A220 mail\.example\.com ESMTP\r\n\z/,
		[ "EHLO client.example\r\n", qr/^250 $line\z/m ],
		[ "MAIL FROM:<a\@example.org>\r\n", qr/\r\n\z/ ],
		[ "RCPT TO:<bob\@example.com>\r\n", qr/\r\n\z/ ],
		[ "DATA\r\n", qr/\r\n\z/ ],
		[ "Subject: $supervisor\r\n.\r\n", qr/\r\n\z/ ],
		[ "QUIT\r\n", qr/\r\n\z/ ]), qr/^250 2\.0\.0 ${line}221 $line\z/m, "$supervisor: mail is taken");
	my ($stored) = stored('/var/lib/mail-stdio', 'bob@example.com');
	ok(defined $stored && getpwuid((stat $stored)[4]) eq 'mail-stdio', "$supervisor: it belongs to the service user");
	my $sent = session(110, qr/\A\+OK mail\.example\.com POP3\r\n\z/,
		[ "USER bob\@example.com\r\n", $ok ],
		[ "PASS secret\r\n", $ok ],
		[ "RETR 1\r\n", qr/^\.\r\n\z/m ],
		[ "DELE 1\r\n", $ok ],
		[ "QUIT\r\n", $ok ]);
	like($sent, qr/^Received: from client\.example \(unknown \[127\.0\.0\.1\]\).*^Subject: $supervisor\r$/ms,
		"$supervisor: mail is given out, and it says from where it came");
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
sub start_units {
	my ($program, $listen, $command) = @_;
	$listen ||= setting(slurp("/etc/systemd/system/$program.socket"), 'ListenStream');
	my $service = slurp("/etc/systemd/system/$program\@.service");
	my $user = setting($service, 'User');
	$command ||= setting($service, 'ExecStart');
	return start("$etc/$program.log", 'systemd-socket-activate', '-l', $listen, '--accept', '--inetd',
		'setpriv', "--reuid=$user", "--regid=$user", '--clear-groups', '--no-new-privs', shellwords($command));
}

is(system(qw(cp -a /etc/.), $etc) || system(qw(mount --bind), $etc, '/etc')
	|| system(qw(mount -t tmpfs tmpfs /usr/local)) || system(qw(mount -t tmpfs tmpfs /var/lib)), 0, 'a machine to spoil');
socket my $socket, AF_INET, SOCK_DGRAM, 0 or die "socket: $!\n";
my $up = pack 'a16s', 'lo', 0x41;	# IFF_UP | IFF_RUNNING
ok(ioctl($socket, 0x8914, $up), 'its loopback interface is up');	# SIOCSIFFLAGS
$ENV{PATH} = "/usr/local/sbin:$ENV{PATH}";
delete $ENV{MAILROOT};

{
	# The programs of this very build
	local $ENV{MAKEFLAGS} = 'BUILD=' . ($ENV{BUILD} || 'build') . ($ENV{SANITIZED} ? ' SANITIZE=1' : '');
	system_ok('make install');
}
system_ok('useradd --system --user-group --home-dir /var/lib/mail-stdio --shell /usr/sbin/nologin mail-stdio');
system_ok('install -d -o mail-stdio -g mail-stdio -m 700 /var/lib/mail-stdio');
system_ok('mailstore add bob@example.com', input => "secret\n");
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

subtest_with { xinetd => 'xinetd' }, 'xinetd' => sub {
	spew('/etc/xinetd.d/mail-stdio', join "\n", shown_in_both('smtp-stdio', 'service'), shown_in_both('pop3-stdio', 'service'));
	mail_comes_and_goes('xinetd', start("$etc/xinetd.log", 'xinetd', '-dontfork', '-pidfile', "$etc/xinetd.pid"));
};

subtest_with { 'systemd-socket-activate' => 'systemd', 'systemd-analyze' => 'systemd', setpriv => 'util-linux' }, 'systemd' => sub {
	my @units;
	for my $program ('smtp-stdio', 'pop3-stdio') {
		push @units, spew("/etc/systemd/system/$program.socket", shown_in_both($program, "[Unit]\nDescription=" . uc($program =~ s/-.*//r) . "\n"));
		push @units, spew("/etc/systemd/system/$program\@.service", shown_in_both($program, "[Unit]\nDescription=" . uc($program =~ s/-.*//r) . " session\n"));
	}
	my ($status, $out, $error) = run([ 'systemd-analyze', 'verify', @units ]);
	is($status, 0, 'the units are in order');
	is($out . $error, '', 'and nothing is to be said about them');

	# No manager runs here: what can be done without one is done
	local $ENV{SYSTEMD_OFFLINE} = 1;
	system_ok('systemctl daemon-reload');
	system_ok('systemctl enable smtp-stdio.socket pop3-stdio.socket');
	system_ok('systemctl start smtp-stdio.socket pop3-stdio.socket');
	ok(-l "/etc/systemd/system/sockets.target.wants/$_.socket", "$_ is enabled") for 'smtp-stdio', 'pop3-stdio';
	mail_comes_and_goes('systemd', map { start_units($_) } 'smtp-stdio', 'pop3-stdio');
};

# From here on with TLS: first what README.md says to do with key and certificate
my %tls = (openssl => 'openssl', stunnel => 'stunnel4');
my $configurations = '/etc/mail-stdio/stunnel';
my ($for_wrappers, $certificate, $key) = certificate();
spew("$etc/certificate.pem", slurp($certificate));
spew("$etc/key.pem", slurp($key));
my ($commands) = $readme =~ /^```\n(install -d \/etc\/mail-stdio\n.*?)^```$/ms;
ok($commands, 'README.md says where the certificate goes');
system_ok("cd $etc\n" . ($commands || 'false'));

# The commands of a display, one under the other with an empty line between them.
sub commands {
	return split /\n\n/, display(@_);
}

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
	my $with_wrapper = sub {
		my ($service, $name) = @_;
		$service =~ s/^\tbind .*\n//m;
		$service =~ s/-p //;
		$service =~ s{^(\tserver_args = .*)}{$1 -T $configurations-$name.conf}m;
		return $service;
	};
	spew('/etc/xinetd.d/mail-stdio', join "\n",
		$with_wrapper->(display('smtp-stdio', "service smtp\n"), 'smtp'), display('smtp-stdio', "service submissions\n"),
		$with_wrapper->(display('pop3-stdio', "service pop3\n"), 'pop3'), display('pop3-stdio', "service pop3s\n"));
	my $xinetd = start("$etc/xinetd.log", 'xinetd', '-dontfork', '-pidfile', "$etc/xinetd.pid");
	protected_session('xinetd', $_) for 25, 465, 110, 995;
	stop($xinetd);
};

subtest_with { 'systemd-socket-activate' => 'systemd', 'systemd-analyze' => 'systemd', setpriv => 'util-linux', %tls }, 'systemd with TLS' => sub {
	my $directory = '/etc/systemd/system/smtp-stdio@.service.d';
	mkdir $directory;
	my $drop_in = spew("$directory/starttls.conf", display('smtp-stdio', "[Service]\nExecStart=\n"));
	my @commands = ([ 25, 'smtp-stdio', setting(slurp($drop_in), 'ExecStart') ]);
	for ([ 'smtp-stdio', '-a -b', 587 ], [ 'pop3-stdio', '-h', 110 ]) {
		my ($program, $flags, $port) = @$_;
		push @commands, [ $port, $program, setting(display($program, "ExecStart=-/usr/local/sbin/$program $flags"), 'ExecStart') ];
	}
	for ([ 'smtp-stdio', 465 ], [ 'pop3-stdio', 995 ]) {
		my ($program, $port) = @$_;
		push @commands, [ $port, $program, setting(display($program, 'ExecStart=-/usr/bin/stunnel'), 'ExecStart') ];
	}
	my ($status, $out, $error) = run([ 'systemd-analyze', 'verify', '/etc/systemd/system/smtp-stdio@.service' ]);
	is("$status$out$error", '0', 'the unit is in order with that, too');
	for (@commands) {
		my ($port, $program, $command) = @$_;
		protected_session('systemd', $port, start_units($program, $port, $command));
	}
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
