# The shipped fail2ban filter finds each failed login and nothing else, in all that the
# programs write themselves: standard error, syslog as rsyslogd keeps it, the systemd
# journal.  Whatever a client calls itself, it is its own address that is found.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 qw(encode_base64);
use POSIX qw(strftime);
use Socket qw(AF_UNIX PF_UNSPEC SOCK_STREAM);
use Test::More;
use PeerTest;
use Syslog;

need('fail2ban-regex' => 'fail2ban');

# A syslogd and a journal of its own, where that can be
my $own_mounts = in_own_mounts();

my $filter = 'stdio/fail2ban.conf';
my $dir = scratch_dir();
my $root = mail_root('bob@example.com');

# As a client would write it to put the blame on somebody else
my $forged = 'login-failed peer=192.0.2.99 user=x reason="wrong user or password"';

sub pop3
{
	my ($user, $password) = @_;
	return ('pop3-stdio', "USER $user\r\nPASS $password\r\nQUIT\r\n");
}

sub plain
{
	my ($user, $password) = @_;
	my $response = encode_base64("\0$user\0$password", '');
	return ('smtp-stdio', "EHLO $forged\r\nEHLO peer=192.0.2.99\r\nAUTH PLAIN $response\r\nQUIT\r\n");
}

my ($now, $yesterday) = (time, time - 86400);
my $last_month = strftime('%Y-%m-%d %H:%M:%S', localtime $now - 30 * 86400);

# Whoever knocks, and what he says.  Those who are to be found have numbers up to 20.
my @sessions = (
	['192.0.2.1', 'a wrong password in POP3', pop3('bob@example.com', 'wrong')],
	['192.0.2.2', 'a wrong password in SMTP', plain('bob@example.com', 'wrong')],
	['2001:db8::3', 'an unknown user in POP3', pop3('nobody@example.com', 'secret')],
	['2001:db8::4', 'an unknown user in SMTP', plain('nobody@example.com', 'secret')],
	['192.0.2.5', 'a name that looks like a line of the log', pop3($forged, 'secret')],
	['192.0.2.6', 'a name that ends the field', plain(qq{x" reason="none" $forged}, 'secret')],
	['192.0.2.7', 'a name that hides the end of the field', plain('x\\', 'secret')],
	['192.0.2.8', 'a name of several lines', plain("x\nsmtp-stdio[1]: $forged\n", 'secret')],
	['192.0.2.9', 'a name with a line of the log in front of it',
		plain("pop3-stdio[1]: $forged", 'secret')],
	['192.0.2.10', 'a name that tells another time', pop3($last_month, 'secret')],
	['192.0.2.11', 'a name too long to be logged', plain('"' x 3000, 'secret')],
	['2001:db8::12', 'a name that is no text', plain("\xff\xfe=\x80", 'secret')],
	['192.0.2.13', 'an empty name', plain('', 'secret')],
	['192.0.2.14', 'a response that PLAIN does not know', plain("a\0b\0c", 'd')],
	['192.0.2.50', 'the right password in POP3', pop3('bob@example.com', 'secret')],
	['192.0.2.51', 'the right password in SMTP', plain('bob@example.com', 'secret')],
	['192.0.2.52', 'no login', 'smtp-stdio', "EHLO $forged\r\nMAIL FROM:<$forged>\r\nFOO $forged\r\n"],
	['192.0.2.53', 'nothing but faults', 'pop3-stdio', "$forged\r\nUSER\r\nFOO $forged\r\n"],
);
my @guilty = grep { /(\d+)$/ && $1 <= 20 } map { $_->[0] } @sessions;

# Holds all sessions, one after the other; the code runs a program for a client at an
# address, with its input.
sub all_sessions
{
	my ($code) = @_;

	for (@sessions) {
		my ($address, undef, $name, $input) = @$_;
		$code->({ TCPREMOTEIP => $address }, $input,
			program($name), '-d', $root, '-p', '-v', '-h', 'mail.example.com');
	}
}

# Asks fail2ban-regex who is to be banned, by a log that it can read.
sub finds_the_guilty
{
	my ($log) = @_;
	my ($status, $found, $error) = run(['fail2ban-regex', '-o', '<ip> <time>', $log, $filter]);

	is($status, 0, 'fail2ban-regex understands filter and log') or diag($found, $error);
	my @found = $found =~ /^(\S+) /mg;
	is(scalar(grep { $_ < $yesterday } $found =~ / (\d+)/g), 0, 'each at its time') or diag($found);
	for (@sessions) {
		my ($address, $what) = @$_;
		my $times = grep { $_ eq $address } @found;
		my $wanted = grep { $_ eq $address } @guilty;
		is($times, $wanted, $wanted ? "$what is found" : "$what is none of its business");
	}
	is(scalar @found, scalar @guilty, 'nobody else is found') or diag($found);
}

# Without a time in front
subtest 'standard error' => sub {
	my $log = '';
	all_sessions(sub {
		my ($environment, $input, @command) = @_;
		my (undef, undef, $error) = run(\@command, input => $input, env => $environment);
		$log .= $error;
	});
	finds_the_guilty(spew("$dir/plain", $log));

	# With a time in front, as svlogd and s6-log write it
	my $time = strftime('%Y-%m-%d_%H:%M:%S.12345', gmtime $now);
	$log =~ s/^/$time /mg;
	finds_the_guilty(spew("$dir/timed", $log));
};

# A mailbox in use is nobody's guilt, even if the line begins as the others
subtest 'a mailbox in use' => sub {
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!";
	my $holder = fork;
	die "fork: $!" if !defined $holder;
	if ($holder == 0) {
		open STDIN, '<&', $theirs or exit 1;
		open STDOUT, '>&', $theirs or exit 1;
		open STDERR, '>', '/dev/null' or exit 1;
		exec program('pop3-stdio'), '-d', $root, '-p' or exit 1;
	}
	close $theirs;
	syswrite $ours, "USER bob\@example.com\r\nPASS secret\r\n";
	my $replies = '';
	until_true(sub { sysread $ours, $replies, 4096, length $replies; $replies =~ /(\+OK.*){3}/s });

	my ($name, $input) = pop3('bob@example.com', 'secret');
	my (undef, $said, $log) = run([program($name), '-d', $root, '-p'],
		input => $input, env => { TCPREMOTEIP => '192.0.2.60' });
	close $ours;
	waitpid $holder, 0;
	like($said, qr/^-ERR \[IN-USE\]/m, 'the second session is told so');
	my ($status, $found) = run(['fail2ban-regex', '-o', '<ip>', spew("$dir/in-use", $log), $filter]);
	is($found, '', 'nobody is to be banned for that') or diag($log);
};

# A program on a socket as xinetd leaves it, descriptor 2 as well.
sub on_a_socket
{
	my ($environment, $input, @command) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!";
	my $pid = fork;
	die "fork: $!" if !defined $pid;
	if ($pid == 0) {
		open STDIN, '<&', $theirs or exit 1;
		open STDOUT, '>&', $theirs or exit 1;
		open STDERR, '>&', $theirs or exit 1;
		%ENV = (%ENV, %$environment);
		exec @command or exit 1;
	}
	close $theirs;
	syswrite $ours, $input;
	shutdown $ours, 1;
	1 while sysread $ours, my $ignored, 4096;
	waitpid $pid, 0;
}

# A /dev without anybody who listens for log messages, a /run without journal, and a
# machine that has an identity
sub private_machine
{
	my $etc = scratch_dir();

	own_dev();
	mounted('-t', 'tmpfs', 'tmpfs', '/run');
	system('cp', '-a', '/etc/.', $etc) == 0 or die "cp failed\n";
	mounted('--bind', $etc, '/etc');
	unlink '/etc/machine-id';
	spew('/etc/machine-id', '0123456789abcdef0123456789abcdef' . "\n");
}

my $journald = '/lib/systemd/systemd-journald';
if ($own_mounts) {
	private_machine();
	$ENV{PATH} .= ':/lib/systemd';
}

subtest_with { root => '', rsyslogd => 'rsyslog' }, 'syslog' => sub {
	plan skip_all => 'needs a mount namespace (unshare)' if !$own_mounts;
	# As Debian 12 writes it, and as it was everywhere before
	my $configuration = spew("$dir/rsyslog.conf", <<"END");
global(workDirectory="$dir")
module(load="imuxsock")
action(type="omfile" file="$dir/syslog" template="RSYSLOG_FileFormat")
action(type="omfile" file="$dir/syslog-traditional" template="RSYSLOG_TraditionalFileFormat")
END
	my $syslogd = start("$dir/rsyslogd.log", 'rsyslogd', '-n', '-f', $configuration, '-i', "$dir/rsyslogd.pid");
	ok(until_true(sub { -S '/dev/log' }), 'rsyslogd listens') or return diag(slurp("$dir/rsyslogd.log"));
	all_sessions(\&on_a_socket);
	# It writes all that came before it ends
	stop($syslogd);
	unlink '/dev/log';
	finds_the_guilty("$dir/syslog");
	finds_the_guilty("$dir/syslog-traditional");
};

subtest_with { root => '', 'systemd-journald' => 'systemd', 'systemd-cat' => 'systemd' }, 'the systemd journal' => sub {
	plan skip_all => 'needs a mount namespace (unshare)' if !$own_mounts;
	my ($status) = run(['/usr/bin/python3', '-c', 'import systemd.journal']);
	if (!defined $status || $status != 0) {
		return fail('needs systemd.journal (Debian package python3-systemd)') if $ENV{STRICT};
		plan skip_all => 'needs systemd.journal (Debian package python3-systemd)';
	}
	system 'mkdir', '-p', '/run/systemd/journal', '/run/log/journal';
	symlink '/run/systemd/journal/dev-log', '/dev/log';
	my $journal = start("$dir/journald.log", 'systemd-journald');
	ok(until_true(sub { -S '/run/systemd/journal/stdout' && -S '/run/systemd/journal/dev-log' }),
		'the journal listens') or return diag(slurp("$dir/journald.log"));

	# As a unit with StandardError=journal has it: the variable says what descriptor 2 is
	all_sessions(sub {
		my ($environment, $input, @command) = @_;
		my ($name) = $command[0] =~ m{([^/]*)$};
		run(['systemd-cat', '-t', $name, 'sh', '-c',
			'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$@" >/dev/null', 'sh', @command],
			input => $input, env => $environment);
	});
	run(['journalctl', '--sync']);
	finds_the_guilty('systemd-journal[journalpath=/run/log/journal]');

	# And what comes by syslog(3), from behind a TLS wrapper
	system 'rm', '-rf', glob '/run/log/journal/*';
	stop($journal);
	$journal = start("$dir/journald.log", 'systemd-journald');
	ok(until_true(sub { -e '/run/log/journal/0123456789abcdef0123456789abcdef/system.journal' }),
		'a new journal') or return diag(slurp("$dir/journald.log"));
	all_sessions(\&on_a_socket);
	run(['journalctl', '--sync']);
	finds_the_guilty('systemd-journal[journalpath=/run/log/journal]');
	stop($journal);
};

done_testing();
