# For tests that drive other people's programs against ours: a mail root of its own,
# supervisors on free ports, clients with a time limit, and nothing left behind.
package PeerTest;
use strict;
use warnings;

use Exporter 'import';
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::IP;
use POSIX qw(:sys_wait_h _exit mkfifo setsid);
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(
	alive_in_session any_supervisor certificate deliver free_port give_away
	has_ipv6 mail_root need on_terminal program program_for_all run scratch_dir session slurp spew start
	start_on_loopback start_supervisor start_supervisor_as stop stored
	stunnel_configuration stunnel_to_stderr subtest_with talk
	supervisors text_of unprivileged until_true wait_for_port
);

my $build = $ENV{BUILD} || 'build';
my $limit = 30;		# seconds that any one step may take, however busy the machine
my %running;		# process id => true, of what start() started

$ENV{PATH} .= ':/usr/local/sbin:/usr/sbin:/sbin';
# A supervisor hands its environment on: what the test itself was started with must
# not look like a peer's address, or like a journal
delete @ENV{qw(PROTO TCPREMOTEIP TCPREMOTEADDR REMOTE_ADDR REMOTE_HOST SOCAT_PEERADDR
	NCAT_REMOTE_ADDR JOURNAL_STREAM MAILROOT)};
# What is wrong with a line that a test has sent must not end the test
$SIG{PIPE} = 'IGNORE';

# The absolute path of one of our programs.
sub program
{
	my ($name) = @_;
	return abs_path($build) . "/$name";
}

# A subtest that needs programs: { program => 'Debian package', ... }, and root where
# "root" is among them.  Where one is missing it is skipped out loud, or fails with STRICT=1.
sub subtest_with
{
	my ($programs, $name, $code) = @_;
	my @missing = missing(%$programs);

	return subtest($name => $code) if !@missing;
	return fail("$name: needs @missing") if $ENV{STRICT};
	subtest($name => sub { plan skip_all => "needs @missing" });
}

# The same for a whole file.
sub need
{
	my @missing = missing(@_);

	return if !@missing;
	plan skip_all => "needs @missing" if !$ENV{STRICT};
	fail("needs @missing");
	done_testing();
	exit 1;
}

sub missing
{
	my %package = @_;
	my @missing;

	for my $program (sort keys %package) {
		next if $program eq 'root' ? $> == 0 : grep { -x "$_/$program" } split /:/, $ENV{PATH};
		push @missing, $program eq 'root' ? 'root' : "$program (Debian package $package{$program})";
	}
	return @missing;
}

# A directory that goes away with the test.  Others may pass through, but see nothing.
sub scratch_dir
{
	my $dir = tempdir('mail-stdio-XXXXXXXX', TMPDIR => 1, CLEANUP => 1);
	chmod 0711, $dir;
	return $dir;
}

# The words in front of a command that shall have no privileges at all, now and later.
sub unprivileged
{
	return () if $> != 0;
	return ('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs');
}

# Makes over a file, or a directory with all that is in it, to whom unprivileged() names.
sub give_away
{
	my ($path) = @_;
	$> != 0 || system('chown', '-R', '65534:65534', $path) == 0 or die "chown $path failed\n";
	return $path;
}

# One of our programs where everybody can run it: the path of a copy.
sub program_for_all
{
	my ($name) = @_;
	my $path = scratch_dir() . "/$name";

	spew($path, slurp(program($name)));
	chmod 0755, $path;
	return $path;
}

sub slurp
{
	my ($path) = @_;
	open my $file, '<:raw', $path or die "$path: $!";
	local $/;
	my $text = <$file>;
	return defined $text ? $text : '';
}

sub spew
{
	my ($path, $text) = @_;
	open my $file, '>:raw', $path or die "$path: $!";
	print $file $text;
	close $file or die "$path: $!";
	return $path;
}

# Polls until the code says true; gives up after the limit.
sub until_true
{
	my ($code, $seconds) = @_;
	my $deadline = time + ($seconds || $limit);
	while (1) {
		my $result = $code->();
		return $result if $result;
		return 0 if time > $deadline;
		sleep 0.02;
	}
}

# Starts a command in a session of its own, so that stop() reaches what it starts
# in turn.  Output goes to the file, input is empty.
sub start
{
	my ($output, @command) = @_;

	my $pid = fork;
	die "fork: $!" if !defined $pid;
	if ($pid == 0) {
		setsid();
		$SIG{PIPE} = 'DEFAULT';
		open STDIN, '<', '/dev/null' or _exit(126);
		open STDOUT, '>', $output or _exit(126);
		open STDERR, '>&', \*STDOUT or _exit(126);
		$SIG{INT} = 'DEFAULT';	# whoever runs the tests in the background ignores it
		exec { $command[0] } @command or _exit(127);
	}
	$running{$pid} = 1;
	return $pid;
}

# Ends what start() started; returns its wait status, or undef when it had to be killed.
sub stop
{
	my ($pid, $signal, $seconds) = @_;

	kill $signal || 'TERM', $pid;
	my $gone = until_true(sub { waitpid($pid, WNOHANG) == $pid }, $seconds || 10);
	my $status = $gone ? $? : undef;
	kill 'KILL', -$pid;
	waitpid $pid, 0 if !$gone;
	delete $running{$pid};
	return $status;
}

END {
	my $status = $?;
	stop($_) for keys %running;
	$? = $status;
}

# The processes of the session that a process id leads (start() makes one), zombies not
# counted: "PID COMMAND" each.  Linux only; elsewhere the list is empty.
sub alive_in_session
{
	my ($leader) = @_;
	my @alive;

	for my $stat (glob '/proc/[0-9]*/stat') {
		open my $file, '<', $stat or next;
		my $line = <$file>;
		# pid (command) state parent group session ...
		next if !defined $line || $line !~ /^(\d+) \((.*)\) (\S) \d+ \d+ (\d+)/s;
		push @alive, "$1 $2" if $4 == $leader && $3 ne 'Z';
	}
	return @alive;
}

# Runs a command to its end: run([words], input => text, env => {...}, seconds => n).
# Returns wait status, standard output, standard error; the status is undef when the
# time was up and the command, with all that it had started, was killed.
sub run
{
	my ($command, %how) = @_;
	my $dir = scratch_dir();
	my $input = spew("$dir/in", defined $how{input} ? $how{input} : '');

	my $pid = fork;
	die "fork: $!" if !defined $pid;
	if ($pid == 0) {
		setsid();
		$SIG{PIPE} = 'DEFAULT';
		%ENV = (%ENV, %{ $how{env} || {} });
		open STDIN, '<', $input or _exit(126);
		open STDOUT, '>', "$dir/out" or _exit(126);
		open STDERR, '>', "$dir/err" or _exit(126);
		$SIG{INT} = 'DEFAULT';
		exec { $command->[0] } @$command or _exit(127);
	}
	my $gone = until_true(sub { waitpid($pid, WNOHANG) == $pid }, $how{seconds});
	my $status = $gone ? $? : undef;
	kill 'KILL', -$pid;
	waitpid $pid, 0 if !$gone;
	return ($status, slurp("$dir/out"), slurp("$dir/err"));
}

# For run(): a command line on a terminal of its own, at which nobody types.  That has no
# end of input: script(1) would pass one on as a control-D, for the program to take or not.
sub on_terminal
{
	my ($command) = @_;
	my $keys = scratch_dir() . '/keys';

	mkfifo($keys, 0600) && chmod 0666, $keys or die "$keys: $!";
	return ['sh', '-c', 'exec script -qec "$1" /dev/null <>"$2"', 'sh', $command, $keys];
}

sub free_port
{
	my $socket = IO::Socket::INET->new(
		LocalAddr => '127.0.0.1', Listen => 1, ReuseAddr => 1) or die "no free port: $@";
	return $socket->sockport;
}

# True when something listens on the port.  A connection to find out would be a session:
# so the kernel's table is read where there is one.
sub listening
{
	my ($port) = @_;

	if (open my $table, '<', '/proc/net/tcp') {
		my $pattern = sprintf '^\s*\d+: [0-9A-F]{8}:%04X \S+ 0A ', $port;
		return scalar grep { /$pattern/ } <$table>;
	}
	return IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 1) ? 1 : 0;
}

sub wait_for_port
{
	my ($port) = @_;
	return until_true(sub { listening($port) });
}

# A new mail root; each address gets an account with the password "secret".
sub mail_root
{
	my (@addresses) = @_;
	my $root = scratch_dir() . '/root';

	for my $address (@addresses) {
		my ($status, undef, $error) = run(
			[program('mailstore'), '-d', $root, 'add', $address], input => "secret\n");
		die "mailstore add $address: $error" if !defined $status || $status != 0;
	}
	return $root;
}

# The messages in a mailbox: paths, oldest first.
sub stored
{
	my ($root, $address) = @_;
	my ($user, $domain) = split /@/, $address;
	my @found = map { glob "$root/mail/$domain/$user/$_/*" } 'new', 'cur';
	return map { $_->[1] } sort { $a->[0] cmp $b->[0] } map { [m{([^/]*)$}, $_] } @found;
}

# Text as its writer had it: LF line ends, and without the trace lines on top.
sub text_of
{
	my ($message) = @_;
	$message =~ s/\r\n/\n/g;
	$message =~ s/\AReturn-Path: <[^\n]*>\n//;
	$message =~ s/\AReceived: [^\n]*\n(?:[ \t][^\n]*\n)*//;
	return $message;
}

# Puts a message into a mailbox, through smtp-stdio itself.
sub deliver
{
	my ($root, $address, $message) = @_;

	$message =~ s/\r?\n/\r\n/g;
	$message =~ s/^\./../mg;
	my ($status, $replies) = run([program('smtp-stdio'), '-d', $root], input =>
		"EHLO test.example\r\nMAIL FROM:<sender\@example.org>\r\n" .
		"RCPT TO:<$address>\r\nDATA\r\n$message.\r\nQUIT\r\n");
	die "not delivered: $replies" if $replies !~ /^354 .*^250 .*^221 /ms;
}

# One conversation over TCP, in lock step: session($port, qr/first reply/, [line =>
# qr/reply/], ...).  A reply ends where the pattern matches.  Returns all that came, to
# the end of the connection; so a stray octet anywhere shows.
sub session
{
	my ($port, @steps) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => $limit)
		or return "no connection: $@";
	return talk($socket, @steps);
}

# The same over a socket that is connected: talk($socket, qr/first reply/, [...], ...).
# A step may be code, too, which is called when it is its turn.
sub talk
{
	my ($socket, $greeting, @steps) = @_;
	my $select = IO::Select->new($socket);
	my $all = '';

	for my $step ([undef, $greeting], @steps) {
		$step->(), next if ref $step eq 'CODE';
		my ($line, $pattern) = @$step;
		my $reply = '';
		syswrite $socket, $line if defined $line;
		while ($reply !~ $pattern) {
			return "$all$reply\n[nothing more came]" if !$select->can_read($limit);
			return "$all$reply\n[connection closed]" if !sysread $socket, $reply, 4096, length $reply;
		}
		$all .= $reply;
	}
	while ($select->can_read($limit)) {
		return $all if !sysread $socket, $all, 4096, length $all;
	}
	return "$all\n[connection left open]";
}

# Each supervisor: the program, its Debian package, and its command line for a port and
# a program with arguments.
my @supervisors = (
	['systemd-socket-activate' => 'systemd', sub {
		my (undef, $port, @program) = @_;
		return ('systemd-socket-activate', '-l', "127.0.0.1:$port", '--accept', '--inetd', @program);
	}],
	[xinetd => 'xinetd', sub {
		my ($dir, $port, $program, @arguments) = @_;
		# It wants to be told who it is
		my $user = getpwuid((stat $dir)[4]);
		my $arguments = @arguments ? "server_args = @arguments" : '';
		spew("$dir/xinetd.conf", <<"END");
defaults
{
	log_type = FILE $dir/xinetd.log
	log_on_failure = HOST
}
service mail-stdio
{
	type = UNLISTED
	socket_type = stream
	protocol = tcp
	wait = no
	bind = 127.0.0.1
	port = $port
	user = $user
	cps = 1000 1
	server = $program
	$arguments
}
END
		return ('xinetd', '-dontfork', '-f', "$dir/xinetd.conf", '-pidfile', "$dir/xinetd.pid");
	}],
	[tcpserver => 'ucspi-tcp', sub {
		my (undef, $port, @program) = @_;
		return ('tcpserver', '-q', '-R', '-H', '-l', '0', '127.0.0.1', $port, @program);
	}],
	[tcpsvd => 'ipsvd', sub {
		my (undef, $port, @program) = @_;
		return ('tcpsvd', '-l', '0', '127.0.0.1', $port, @program);
	}],
	['socat' => 'socat', sub {
		my (undef, $port, @program) = @_;
		return ('socat', "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork", "EXEC:@program");
	}],
	['socat with nofork' => 'socat', sub {
		my (undef, $port, @program) = @_;
		return ('socat', "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork", "EXEC:@program,nofork");
	}],
	[ncat => 'ncat', sub {
		my (undef, $port, @program) = @_;
		return ('ncat', '-l', '127.0.0.1', $port, '--keep-open', '-e', "@program");
	}],
	['inetd' => 'openbsd-inetd', sub {
		my ($dir, $port, $program, @arguments) = @_;
		my $user = getpwuid $>;
		my ($name) = $program =~ m{([^/]*)$};
		spew("$dir/inetd.conf",
			"127.0.0.1:$port stream tcp nowait $user $program $name @arguments\n");
		return ('inetd', '-i', "$dir/inetd.conf");
	}],
	['inetutils-inetd' => 'inetutils-inetd', sub { inetutils_inetd(@_) }],
	['inetutils-inetd with --environment' => 'inetutils-inetd', sub {
		my ($inetd, @arguments) = inetutils_inetd(@_);
		return ($inetd, '--environment', @arguments);
	}],
);

sub inetutils_inetd
{
	my ($dir, $port, $program, @arguments) = @_;
	my $user = getpwuid $>;
	my ($name) = $program =~ m{([^/]*)$};
	spew("$dir/inetd.conf", "127.0.0.1:$port stream tcp nowait $user $program $name @arguments\n");
	return ('inetutils-inetd', '--debug', "--pidfile=$dir/inetd.pid", "$dir/inetd.conf");
}

# The names of all supervisors, and their packages.
sub supervisors
{
	return map { [$_->[0], $_->[1]] } @supervisors;
}

# The name of a supervisor that is installed, for tests to which it does not matter which.
# Without one the whole test is skipped (or fails, with STRICT=1).
sub any_supervisor
{
	my ($found) = grep { !missing((split / /, $_->[0])[0] => $_->[1]) } @supervisors;
	need($supervisors[0][0] => $supervisors[0][1]) if !$found;
	return $found->[0];
}

# Starts a program for each connection to a free port of 127.0.0.1 and ::1, under
# systemd-socket-activate; it and all that it starts have what the hash reference in front
# says: `environment` (NAME=value, ...), `as` (words in front of the command).  Returns the
# port, the process id, and the file that has what they write to standard error.
sub start_on_loopback
{
	my ($how, @program) = @_;
	my $log = scratch_dir() . '/log';

	for (1 .. 3) {
		my $port = free_port();
		my $pid = start($log, @{ $how->{as} || [] }, 'systemd-socket-activate', '-l', "127.0.0.1:$port",
			has_ipv6() ? ('-l', "[::1]:$port") : (),
			(map { ('-E', $_) } @{ $how->{environment} || [] }), '--accept', '--inetd', @program);
		my $listens = until_true(sub {
			listening($port) || (waitpid($pid, WNOHANG) == $pid ? 'ended' : 0);
		});
		return ($port, $pid, $log) if $listens eq '1';
		delete $running{$pid} if $listens eq 'ended';
		stop($pid) if !$listens;
		diag('systemd-socket-activate: ' . slurp($log));
	}
	die "no port to listen on\n";
}

sub has_ipv6
{
	return IO::Socket::IP->new(LocalAddr => '::1', Listen => 1, Proto => 'tcp') ? 1 : 0;
}

# A key with a certificate for the loopback interface, in one file as the TLS wrappers
# want it; the certificate alone, as clients that trust nothing else want it; the key.
sub certificate
{
	my ($dir) = (scratch_dir());
	my ($status, $out, $error) = run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
		'-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1',
		'-days', '2', '-keyout', "$dir/key", '-out', "$dir/certificate.pem"]);
	die "openssl req: $error" if !defined $status || $status != 0;
	my $both = spew("$dir/tls.pem", slurp("$dir/key") . slurp("$dir/certificate.pem"));
	chmod 0600, $both;
	chmod 0644, "$dir/certificate.pem";
	give_away($both);
	return ($both, "$dir/certificate.pem", "$dir/key");
}

# The configuration of stunnel that is shipped, for a program with its flags.
sub stunnel_configuration
{
	my ($certificate, $program, @flags) = @_;
	my ($name) = $program =~ m{([^/]*)$};
	my %value = (USE => 'A test', PROGRAM => $program, NAME => $name, FLAGS => "@flags", SYSCONFDIR => '/etc');
	my $text = slurp('stdio/stunnel.conf.in');

	$text =~ s/\@([A-Z]+)\@/$value{$1}/g;
	$text =~ s{/etc/mail-stdio/tls\.pem}{$certificate}g;
	my $path = spew(scratch_dir() . "/stunnel-$name.conf", $text);
	chmod 0755, $path;
	return $path;
}

# The same, but that both programs log to standard error.
sub stunnel_to_stderr
{
	my $path = stunnel_configuration(@_);
	my $text = slurp($path);

	$text =~ s/^syslog = yes$/syslog = no\nforeground = yes/m or die "stunnel.conf.in has no line for syslog\n";
	return spew($path, $text);
}

# Starts a program of ours under a supervisor, on a free port, and waits until it
# listens.  Returns port, process id, and the file that has what was written to standard
# error; or nothing when it did not start.
sub start_supervisor
{
	my ($name, @program) = @_;
	return start_supervisor_as([], $name, @program);
}

# The same with words in front of the supervisor's command: those of unprivileged().
sub start_supervisor_as
{
	my ($as, $name, @program) = @_;
	my ($command) = map { $_->[2] } grep { $_->[0] eq $name } @supervisors;
	my $dir = scratch_dir();
	give_away($dir) if @$as;

	# Between choosing a port and listening on it, somebody else may take it: so thrice
	for (1 .. 3) {
		my $port = free_port();
		my @command = $command->($dir, $port, @program);
		my $pid = start("$dir/log", @$as, @command);
		my $listens = until_true(sub {
			listening($port) || (waitpid($pid, WNOHANG) == $pid ? 'ended' : 0);
		});
		return ($port, $pid, "$dir/log") if $listens eq '1';
		delete $running{$pid} if $listens eq 'ended';
		stop($pid) if !$listens;
		diag("$name: " . slurp("$dir/log"));
	}
	return;
}

1;
