# A running process as somebody has it who has taken it over: system calls are made in it, by
# tests/faults/call_from_inside.c, and what comes of them is judged.
package InsideTest;

use strict;
use warnings;
use Errno qw(EPERM);
use Exporter qw(import);
use Fcntl qw(:mode O_RDONLY O_WRONLY O_RDWR O_CREAT O_TRUNC O_DIRECTORY);
use IPC::Open2 qw(open2);
use MailTest;
use POSIX ();

our @EXPORT = qw(needs_inside owners owned_by take_over child_of is_refused are_refused succeeds
	refused_files refused_system in_memory $AT_FDCWD $EACCES $ENOSYS $EXDEV);

our ($AT_FDCWD, $EACCES, $ENOSYS, $EXDEV) = (-100, Errno::EACCES(), Errno::ENOSYS(), Errno::EXDEV());

# Leaves the test out where processes are no place to look into, or cannot be confined.
sub needs_inside {
	need_plain_build();
	MailTest::leave_out('needs Linux on x86-64') unless `uname -sm` eq "Linux x86_64\n";
	MailTest::leave_out('needs a kernel with Landlock')
	    if syscall(444, 0, 0, 1) < 2;                  # landlock_create_ruleset
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	if (!$pid) {
		sleep 60;
		POSIX::_exit(0);
	}
	my $inside = eval { take_over($pid) };
	$inside->release if $inside;
	kill 'KILL', $pid;
	waitpid $pid, 0;
	MailTest::leave_out("needs to trace its own children: $@") unless $inside;
}

# The users whose a mail root is by turns: whoever runs the tests, and nobody in particular.
sub owners {
	return $> == 0 ? (0, 65534) : ($>);
}

# Gives a mail root to a user, who can get there.
sub owned_by {
	my ($owner, $root) = @_;
	chmod 0711, $root =~ s{/[^/]*\z}{}r;
	system('chown', '-R', "$owner:$owner", $root) == 0 or die "chown: $?\n" if $> == 0;
	return $root;
}

# Stops a process, which waits in a system call, and makes calls in it.
sub take_over {
	my ($pid) = @_;
	my $helper = open2(my $from, my $to, program('fault/call_from_inside'), $pid);
	my $self = bless { pid => $pid, helper => $helper, to => $to, from => $from }, __PACKAGE__;
	$self->call('getpid') == $pid or die "it is not process $pid\n";
	return $self;
}

# Makes one.  Arguments are numbers, or references to octets.  Returns the result, with $!
# set where that is -1; `killed SIGNAL` where it was the last.
sub call {
	my ($self, $name, @arguments) = @_;
	print { $self->{to} } join(' ', $name, map { ref $_ ? 'x' . unpack 'H*', $$_ : $_ } @arguments), "\n";
	$self->{to}->flush;
	local $SIG{ALRM} = sub { die "no answer to $name\n" };
	alarm 20;
	my $answer = readline $self->{from};
	alarm 0;
	die "no answer to $name\n" unless defined $answer;
	return $answer =~ s/\n//r if $answer =~ /^killed/;
	my ($result, $error, $octets) = split ' ', $answer;
	$self->{octets} = defined $octets ? pack 'H*', $octets : '';
	$! = $error;
	return $result;
}

# What the last octets of the last call have become.
sub octets {
	return $_[0]{octets};
}

# Lets the process go on.
sub release {
	my ($self) = @_;
	close $self->{to} if $self->{to};
	waitpid $self->{helper}, 0 if $self->{helper};
	delete @$self{qw(to helper)};
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);
	$self->release;
}

# The process that another has begun; undef where there is none.
sub child_of {
	my ($pid) = @_;
	my ($child) = split ' ', Program::of_process($pid, "task/$pid/children");
	return $child;
}

# A call that must fail, for that reason (a number, or several).
sub is_refused {
	my ($inside, $name, $reasons, $call, @arguments) = @_;
	my @reasons = ref $reasons ? @$reasons : $reasons;
	my $result = $inside->call($call, @arguments);
	my $error = $!;
	ok($result eq '-1' && grep({ $_ == $error } @reasons), $name)
	    or diag "$call: $result, " . ($result eq '-1' ? $error : 'which is no failure');
}

sub succeeds {
	my ($inside, $name, $call, @arguments) = @_;
	my $result = $inside->call($call, @arguments);
	my $error = $!;
	ok($result !~ /^(?:-1\z|killed)/, $name) or diag "$call: $result, $error";
	return $result;
}

# What would be the end of a file, were it allowed, is tried on files of tests only.
my $HARMFUL = qr/empty|creat|truncate|chmod|times|setxattr/;

sub is_of_a_test {
	my ($path) = @_;
	my $temporary = $ENV{TMPDIR} || '/tmp';
	return $path =~ m{\A\Q$temporary\E/} && !-l $path;
}

# Each way to lay hands on files, by their paths: none of them.
sub refused_files {
	my ($inside, $what, @paths) = @_;
	my @wrong;
	for my $path (@paths) {
		my %tries = (
			'to read'     => [ 'openat', $AT_FDCWD, \$path, O_RDONLY, 0 ],
			'to write'    => [ 'openat', $AT_FDCWD, \$path, O_WRONLY, 0 ],
			'for both'    => [ 'openat', $AT_FDCWD, \$path, O_RDWR, 0 ],
			'old open'    => [ 'open', \$path, O_RDONLY, 0 ],
			'to empty it' => [ 'openat', $AT_FDCWD, \$path, O_RDONLY | O_TRUNC, 0 ],
			'by path'     => [ 'openat', $AT_FDCWD, \$path, 010000000, 0 ],
			'openat2'     => [ 'openat2', $AT_FDCWD, \$path, \pack('Q3', 0, 0, 0), 24 ],
			'creat'       => [ 'creat', \$path, 0600 ],
			'truncate'    => [ 'truncate', \$path, 0 ],
			'chmod'       => [ 'chmod', \$path, 0644 ],
			'fchmodat'    => [ 'fchmodat', $AT_FDCWD, \$path, 0644 ],
			'fchmodat2'   => [ 'fchmodat2', $AT_FDCWD, \$path, 0644, 0 ],
			'its times'   => [ 'utimensat', $AT_FDCWD, \$path, 0, 0 ],
			'setxattr'    => [ 'setxattr', \$path, \'user.a', \'b', 1, 0 ],
			'execve'      => [ 'execve', \$path, 0, 0 ],
		);
		delete @tries{grep { /$HARMFUL/ } keys %tries} unless is_of_a_test($path);
		for my $try (sort keys %tries) {
			my $result = $inside->call(@{$tries{$try}});
			push @wrong, "$path, $try: $result, $!"
			    unless $result eq '-1' && ($!{EACCES} || $!{EPERM} || $!{ENOSYS} || $!{EMFILE});
		}
	}
	ok(!@wrong, "$what: neither read, written, emptied, altered nor executed") or diag join "\n", @wrong;
}

# What has to do with files of nobody's: each call is such that it would be refused for
# another reason, or would do no harm, where it may be made.
sub refused_system {
	my ($inside, %with) = @_;
	my $tcp = pack('S n a4 x8', 2, 25, "\x7f\0\0\1");
	my %calls = (
		(map { ("a socket, $_->[0]" => [ 'socket', @$_[1 .. 3] ]) }
		    [ 'TCP', 2, 1, 0 ], [ 'UDP', 2, 2, 0 ], [ 'TCP over IPv6', 10, 1, 0 ], [ 'Unix', 1, 1, 0 ],
		    [ 'netlink', 16, 3, 0 ], [ 'raw', 2, 3, 1 ], [ 'packets', 17, 3, 0 ]),
		'a pair of sockets'       => [ 'socketpair', 1, 1, 0, \("\0" x 8) ],
		'to connect'              => [ 'connect', 0, \$tcp, 16 ],
		'to bind'                 => [ 'bind', 0, \$tcp, 16 ],
		'to listen'               => [ 'listen', 0, 1 ],
		'to accept'               => [ 'accept', 0, 0, 0 ],
		'to send elsewhere'       => [ 'sendto', 0, \'x', 1, 0, \$tcp, 16 ],
		'to send a descriptor'    => [ 'sendmsg', 0, 0, 0 ],
		'to send several'         => [ 'sendmmsg', 0, 0, 1, 0 ],
		'to receive a descriptor' => [ 'recvmsg', 0, 0, 0 ],
		'to receive several'      => [ 'recvmmsg', 0, 0, 1, 0, 0 ],
		'fork'                    => [ 'fork' ],
		'vfork'                   => [ 'vfork' ],
		'clone'                   => [ 'clone', 17, 0, 0, 0, 0 ],
		'a thread'                => [ 'clone', 0x10f00, 0, 0, 0, 0 ],
		'clone3'                  => [ 'clone3', \("\0" x 64), 64 ],
		'execve'                  => [ 'execve', \'/bin/true', 0, 0 ],
		'execveat'                => [ 'execveat', $AT_FDCWD, \'/bin/true', 0, 0, 0 ],
		'ptrace'                  => [ 'ptrace', 16, $$, 0, 0 ],
		'to read a process'       => [ 'process_vm_readv', $$, 0, 0, 0, 0, 0 ],
		'to write a process'      => [ 'process_vm_writev', $$, 0, 0, 0, 0, 0 ],
		'kill'                    => [ 'kill', $$, 0 ],
		'tkill'                   => [ 'tkill', $$, 0 ],
		'tgkill'                  => [ 'tgkill', $$, $$, 0 ],
		'a signal with a value'   => [ 'rt_sigqueueinfo', $$, 0, \("\0" x 128) ],
		'a signal by descriptor'  => [ 'pidfd_send_signal', 0, 0, 0, 0 ],
		'a process as descriptor' => [ 'pidfd_open', $$, 0 ],
		'its descriptors'         => [ 'pidfd_getfd', 0, 0, 0 ],
		'its limits'              => [ 'prlimit64', $$, 7, 0, \("\0" x 16) ],
		'its priority'            => [ 'setpriority', 0, $$, 19 ],
		'signals from a file'     => [ 'fcntl', 0, 8, $$ ],
		'higher limits'           => [ 'setrlimit', 7, \pack('Q2', 64, 64) ],
		'higher limits, new call' => [ 'prlimit64', 0, 7, \pack('Q2', 64, 64), 0 ],
		'io_uring'                => [ 'io_uring_setup', 1, \("\0" x 120) ],
		'memfd'                   => [ 'memfd_create', \'x', 0 ],
		'secret memory'           => [ 'memfd_secret', 0 ],
		'shared memory'           => [ 'shmget', 0, 4096, 01600 ],
		'a message queue'         => [ 'mq_open', \'/x', 0102, 0600, 0 ],
		'a file by its handle'    => [ 'open_by_handle_at', $AT_FDCWD, \("\0" x 16), 0 ],
		'mount'                   => [ 'mount', \'none', \'/mnt', \'tmpfs', 0, 0 ],
		'a file system'           => [ 'fsopen', \'tmpfs', 0 ],
		'to copy a mount'         => [ 'open_tree', $AT_FDCWD, \'/', 1 ],
		'to move a mount'         => [ 'move_mount', 0, \'', 0, \'', 0 ],
		'other namespaces'        => [ 'unshare', 0x10000000 ],
		'another namespace'       => [ 'setns', 0, 0 ],
		'a kernel module'         => [ 'finit_module', 0, \'', 0 ],
		'another kernel'          => [ 'kexec_file_load', 0, 0, 0, \'', 0 ],
		'ports'                   => [ 'iopl', 3 ],
		'the clock'               => [ 'clock_settime', 99, 0 ],
		'keys'                    => [ 'keyctl', 0, -3, 0 ],
		'the kernel\'s log'       => [ 'syslog', 3, 0, 0 ],
		'counters'                => [ 'perf_event_open', 0, 0, -1, -1, 0 ],
		'page faults'             => [ 'userfaultfd', 0 ],
		'another personality'     => [ 'personality', 0 ],
		'an ioctl'                => [ 'ioctl', 0, 0x541b, 0 ],
		'a call of x32'           => [ 0x40000000 + 39 ],
	);
	my @wrong;
	for my $try (sort keys %calls) {
		my $result = $inside->call(@{$calls{$try}});
		push @wrong, "$try: $result, $!" unless $result eq '-1' && ($!{EPERM} || $!{ENOSYS});
	}
	ok(!@wrong, "$with{name}: no process, program, connection, nor the system") or diag join "\n", @wrong;
}

# Whether a process has these octets in memory that it can write to.
sub in_memory {
	my ($pid, $octets) = @_;
	open my $maps, '<', "/proc/$pid/maps" or die "maps: $!\n";
	open my $memory, '<:raw', "/proc/$pid/mem" or die "mem: $!\n";
	no warnings 'portable';
	while (my $line = <$maps>) {
		my ($from, $to) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) rw/ or next;
		next if $line =~ /\[v/;
		my $part = '';
		sysseek $memory, hex $from, 0;
		sysread $memory, $part, hex($to) - hex $from;
		return 1 if index($part, $octets) >= 0;
	}
	return 0;
}

1;
