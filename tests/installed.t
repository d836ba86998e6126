#!/usr/bin/perl
# The system-wide part of README.md and the supervisors in the manual pages, as they
# stand there, from `make install` to mail on the ports 25 and 110.  It all happens in
# mount and network namespaces of its own: /etc is a copy, /usr/local and /var/lib are
# empty, and the loopback interface is nobody else's.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use Socket qw(AF_INET SOCK_DGRAM);
use Test::More;
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
	my ($status, $out, $error) = run([ 'sh', '-c', $command ], %how);
	is($status, 0, $command) or diag($out, $error);
}

# The literal displays of a page that begin with this text.
sub display {
	my ($program, $beginning) = @_;
	my @displays = slurp("$program/$program.8") =~ /^\.Bd -literal[^\n]*\n(.*?)^\.Ed$/gms;
	my ($display) = grep { /\A\Q$beginning\E/ } @displays;
	ok($display, "$program(8) has an example: $beginning") or return '';
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

# A unit's setting.
sub setting {
	my ($unit, $name) = @_;
	my ($value) = $unit =~ /^$name=-?(.*)$/m;
	return $value;
}

# What the manager does with a socket that has Accept=yes, as far as it can be done
# without one.
sub start_units {
	my ($program) = @_;
	my $listen = setting(slurp("/etc/systemd/system/$program.socket"), 'ListenStream');
	my $service = slurp("/etc/systemd/system/$program\@.service");
	my $user = setting($service, 'User');
	return start("$etc/$program.log", 'systemd-socket-activate', '-l', $listen, '--accept', '--inetd',
		'setpriv', "--reuid=$user", "--regid=$user", '--clear-groups', '--no-new-privs',
		split ' ', setting($service, 'ExecStart'));
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

done_testing();
