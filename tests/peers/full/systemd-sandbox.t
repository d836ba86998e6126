# The services with TLS under a systemd that has booted, in units that leave them next to
# nothing: STARTTLS, STLS and TLS from the first octet by stunnel as it is installed, as an
# unprivileged user who cannot get any privileges, see other processes, write anywhere but
# to the mail root, or reach a network.  What they log comes to the journal, with the
# client's address, and fail2ban finds it there.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 qw(encode_base64);
use Test::More;
use PeerTest;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need(root => '', mmdebstrap => 'mmdebstrap', 'systemd-nspawn' => 'systemd-container', nsenter => 'util-linux', openssl => 'openssl');

my $line = qr/[^\r\n]*\r\n/;
my $root = scratch_dir() . '/root';
my ($status, $out, $error);

# From where this machine gets its own packages
($status, $out) = run(['apt-get', 'indextargets', '--format',
	'deb $(REPO_URI) $(CODENAME) $(COMPONENT)', 'Created-By: Packages', 'Origin: Debian']);
my @sources = split /\n/, $out;
my ($suite) = map { /^deb \S+ (\S+)/ } @sources;
ok($suite, 'this machine knows a source of Debian packages') or BAIL_OUT('apt-get update first');
($status, undef, $error) = run(['mmdebstrap', '--quiet', '--mode=root', '--variant=minbase',
	'--include=systemd,systemd-sysv,stunnel4', $suite, $root, @sources], seconds => 600);
is($status, 0, 'a Debian system') or BAIL_OUT($error);

{
	local $ENV{MAKEFLAGS} = 'BUILD=' . ($ENV{BUILD} || 'build');
	($status, undef, $error) = run(['make', 'install', "DESTDIR=$root"], seconds => 300);
	is($status, 0, 'make install') or BAIL_OUT($error);
}
my ($key, $certificate) = certificate();
spew("$root/tls.pem", slurp($key));
($status, undef, $error) = run(['chroot', $root, 'env', 'PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin', 'sh', '-ec', <<'END']);
useradd --system --user-group --home-dir /var/lib/mail-stdio --shell /usr/sbin/nologin mail-stdio
install -d -o mail-stdio -g mail-stdio -m 700 /var/lib/mail-stdio
echo secret | mailstore add bob@example.com
install -d /etc/mail-stdio /srv/jail
install -m 400 -o mail-stdio /tls.pem /etc/mail-stdio/tls.pem
cp /usr/local/share/doc/mail-stdio/stunnel-*.conf /etc/mail-stdio
END
is($status, 0, 'a user, an account, a certificate') or BAIL_OUT($error);

my $sandbox = <<'END';
[Service]
User=mail-stdio
StandardInput=socket
StandardError=journal
UMask=0077
ProtectSystem=strict
ReadWritePaths=/var/lib/mail-stdio
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateNetwork=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
RuntimeMaxSec=3600
LimitNOFILE=64
MemoryMax=64M
TasksMax=8
PrivateMounts=yes
PrivateUsers=yes
IPAddressDeny=any
IPAddressAllow=localhost
DevicePolicy=closed
KeyringMode=private
END

# A root with nothing in it but what is executed, read, written, and where the log goes
my $jail = <<'END';
RootDirectory=/srv/jail
MountAPIVFS=yes
BindReadOnlyPaths=/usr /lib /lib64 /bin /etc/mail-stdio /etc/ssl /run/systemd/journal
BindPaths=/var/lib/mail-stdio
NoExecPaths=/
ExecPaths=/usr/local/sbin /usr/bin/stunnel4 /etc/mail-stdio /usr/lib /lib /lib64
END

# Each service: its port, openssl's word for what comes before the handshake, the command.
my $flags = '-h mail.example.com';
my @services = (
	['smtp', 25, 'smtp', "/usr/local/sbin/smtp-stdio $flags -T \"stunnel /etc/mail-stdio/stunnel-smtp.conf\""],
	['submission', 587, 'smtp', "/usr/local/sbin/smtp-stdio -a $flags -T /etc/mail-stdio/stunnel-submission.conf"],
	['submissions', 465, '', '/usr/bin/stunnel /etc/mail-stdio/stunnel-submissions.conf'],
	['pop3', 110, 'pop3', "/usr/local/sbin/pop3-stdio $flags -T \"stunnel /etc/mail-stdio/stunnel-pop3.conf\""],
	['pop3s', 995, '', '/usr/bin/stunnel /etc/mail-stdio/stunnel-pop3s.conf'],
);
my @cages = ([sandboxed => 0, $sandbox], [jailed => 10000, $sandbox . $jail]);

my $units = "$root/etc/systemd/system";
mkdir "$units/sockets.target.wants";
for (@cages) {
	my ($cage, $offset, $settings) = @$_;
	for (@services) {
		my ($name, $port, undef, $command) = @$_;
		my $listen = $port + $offset;
		spew("$units/$cage-$name.socket", "[Socket]\nListenStream=$listen\nAccept=yes\n");
		spew("$units/$cage-$name\@.service", "$settings\nExecStart=-$command\n");
		symlink "../$cage-$name.socket", "$units/sockets.target.wants/$cage-$name.socket";
	}
}

my $nspawn = start("$root/../log", 'systemd-nspawn', '-q', '--register=no', '--keep-unit',
	'-D', $root, '--private-network', '--boot');
my $init;
sub inside
{
	return run(['nsenter', '-t', $init, '-a', @_]);
}
my $booted = until_true(sub {
	open my $children, '<', "/proc/$nspawn/task/$nspawn/children" or return 0;
	($init) = split ' ', readline($children) // '';
	return $init && (inside('systemctl', 'is-system-running'))[1] =~ /running|degraded/;
});
ok($booted, 'it has booted') or BAIL_OUT(slurp("$root/../log"));

# What the journal has of a program; whole once the manager was asked to write it all.
sub journal
{
	inside('journalctl', '--sync');
	return (inside('journalctl', '-o', 'cat', '--no-pager', "SYSLOG_IDENTIFIER=$_[0]"))[1];
}

sub s_client
{
	my ($port, $starttls, @lines) = @_;
	return run(['nsenter', '-t', $init, '-n', 'openssl', 's_client', '-quiet', '-connect', "127.0.0.1:$port",
		'-bind', '127.0.0.2:0', $starttls ? ('-starttls', $starttls) : (),
		'-CAfile', $certificate, '-verify_return_error'], input => join('', map { "$_\r\n" } @lines));
}

sub plain
{
	return 'AUTH PLAIN ' . encode_base64("\0bob\@example.com\0$_[0]", '');
}

my $delivered = 0;
for (@cages) {
	my ($cage, $offset) = @$_;
	for (@services) {
		my ($name, $port, $starttls) = @$_;
		subtest "$cage $name" => sub {
			my $program = $name =~ /pop3/ ? 'pop3-stdio' : 'smtp-stdio';
			my $before = journal($program);
			my @lines = $name =~ /pop3/ ? ('CAPA', 'USER bob@example.com', 'PASS secret', 'STAT', 'QUIT')
				: ('EHLO client.example', plain('secret'), 'MAIL FROM:<bob@example.com>', 'RCPT TO:<bob@example.com>',
					'DATA', "Subject: $cage $name\r\n\r\nhello\r\n.", 'QUIT');
			($status, $out, $error) = s_client($port + $offset, $starttls, @lines);
			is($status, 0, 'TLS') or diag($error);
			if ($name =~ /pop3/) {
				like($out, qr/^\.\r\n(?:\+OK $line){2}\+OK $delivered \d+\r\n\+OK $line\z/m, 'mail is given out');
			} else {
				like($out, qr/^235 2\.7\.0 ${line}250 2\.1\.0 ${line}250 2\.1\.5 ${line}354 ${line}250 2\.0\.0 ${line}221 $line\z/m, 'mail is taken');
				my $last = (stored("$root/var/lib/mail-stdio", 'bob@example.com'))[-1];
				like($last ? slurp($last) : '', qr/^Received: from client\.example \(\S+ \[127\.0\.0\.2\]\)\s+by \S+ with ESMTPSA .*^Subject: $cage $name$/ms,
					"from the client's address");
				$delivered++;
			}
			my $session = qr/^session peer=127\.0\.0\.2 .*end=quit/m;
			ok(until_true(sub { substr(journal($program), length $before) =~ $session }, 10), 'the journal has the session')
				or diag((inside('journalctl', '--no-pager', '-n', 30))[1]);
		};
	}
}

subtest 'what bites' => sub {
	($status, $out) = inside('systemctl', 'show', '-p', 'NAccepted,NRefused', 'jailed-smtp.socket');
	like($out, qr/^NAccepted=1$/m, 'it was that very unit');
	mkdir "$units/sandboxed-pop3\@.service.d";
	spew("$units/sandboxed-pop3\@.service.d/none.conf", "[Service]\nRestrictAddressFamilies=none\n");
	inside('systemctl', 'daemon-reload');
	($status, $out, $error) = s_client(110, 'pop3', 'QUIT');
	isnt($status, 0, 'stunnel needs sockets: without them the session ends');
	unlike($out, qr/^\+OK.*^\+OK/ms, 'and nothing is served');
};

subtest_with { 'fail2ban-regex' => 'fail2ban', msmtp => 'msmtp' }, 'fail2ban finds who guesses' => sub {
	s_client(465, '', 'EHLO client.example', plain('wrong'), 'QUIT');
	s_client(10587, 'smtp', 'EHLO client.example', plain('wrong'), 'QUIT');
	s_client(995, '', 'USER bob@example.com', 'PASS wrong', 'QUIT');
	# In clear, where the unit's standard error is the journal
	run(['nsenter', '-t', $init, '-n', 'msmtp', '--host=127.0.0.1', '--port=25', '--source-ip=127.0.0.3', '--tls=off',
		'--auth=scram-sha-256', '--user=bob@example.com', '--passwordeval=echo wrong',
		'--from=a@example.org', '--', 'bob@example.com'], input => "\n");
	journal('smtp-stdio');
	my ($directory) = grep { -d } "$root/var/log/journal", "/proc/$init/root/run/log/journal";
	($status, $out, $error) = run(['fail2ban-regex', '-o', '<ip>', "systemd-journal[journalpath=$directory]", 'stdio/fail2ban.conf']);
	is($out, "127.0.0.2\n" x 3 . "127.0.0.3\n", 'each of them once') or diag($error);
};

stop($nspawn);
done_testing();
