# A program under test that talks over its descriptors 0 and 1, and the other
# end of that connection.  Everything that waits has a time limit, and input is
# sent and output read in one loop, so that neither side can block the other.
package Program;

use strict;
use warnings;
use Errno qw(EAGAIN ECONNRESET EINTR EWOULDBLOCK);
use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use Socket qw(AF_INET AF_INET6 AF_UNIX IN6ADDR_LOOPBACK INADDR_LOOPBACK SOCK_SEQPACKET
	SOCK_STREAM pack_sockaddr_in pack_sockaddr_in6);
use Time::HiRes qw(time);

my $READ_OCTETS = 1 << 20;
my $F_SETPIPE_SZ = 1031;        # Linux; elsewhere the call fails and the pipe stays as it is

# Starts a program.  Named arguments:
#   command      the program and its arguments
#   wire         how descriptors 0 and 1 are connected:
#                  pipes    two pipes
#                  socket   both are the same AF_UNIX stream socket
#                  records  the same, but each write of ours is one read of the
#                           program's: how octets are kept from coming together
#                  tcp      the same TCP connection over loopback; tcp6 with IPv6
#                  null     not at all, for servers that listen elsewhere
#   pipe_octets  what each of the pipes holds at most, where it can be told
#   environment  hash: replaces what clean_environment() leaves, undef removes
#   errors       path of the file that takes its standard error
#   limit        seconds that each later step may take (default 20)
#   life         seconds after which a forgotten program is ended by the kernel (default 300)
#   group        true: a process group of its own, which is ended with it
sub start {
	my ($class, %with) = @_;
	my ($to, $from, $input, $output) = connect_by($with{wire} || 'pipes', $with{pipe_octets});
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	if (!$pid) {
		close $to;
		open STDIN, '<&', $input or give_up();
		open STDOUT, '>&', $output or give_up();
		open STDERR, '>', $with{errors} || '/dev/null' or give_up();
		setpgrp 0, 0 if $with{group};
		my %environment = (clean_environment(), %{$with{environment} || {}});
		delete @environment{grep { !defined $environment{$_} } keys %environment};
		%ENV = %environment;
		$SIG{$_} = 'DEFAULT' for qw(PIPE TERM INT HUP ALRM);
		alarm($with{life} || 300);
		{ no warnings; exec { $with{command}[0] } @{$with{command}}; }
		print STDERR "$with{command}[0]: $!\n";
		give_up();
	}
	close $input;
	close $output;
	return bless { pid => $pid, to => $to, from => $from, output => '', owner => $$,
	    group => $with{group}, limit => $with{limit} || 20, command => $with{command}[0] }, $class;
}

# Ends a child that is still this script, without its END blocks.
sub give_up {
	exec '/bin/sh', '-c', 'exit 127';
}

# What a test passes on: the path and what sanitizers and profilers want, so that
# nothing in the environment of whoever runs the tests changes a result.
sub clean_environment {
	return map { $_ => $ENV{$_} }
	    grep { /^(?:PATH|TMPDIR|[A-Z]+SAN_OPTIONS|LLVM_PROFILE_FILE|GCOV_\w+)\z/ } keys %ENV;
}

# Ours to write and to read, then the program's descriptors 0 and 1.
sub connect_by {
	my ($wire, $pipe_octets) = @_;
	my ($to, $from, $input, $output);
	if ($wire eq 'pipes') {
		pipe $input, $to and pipe $from, $output or die "pipe: $!\n";
		$pipe_octets && fcntl $_, $F_SETPIPE_SZ, $pipe_octets for $to, $from;
	} elsif ($wire eq 'null') {
		open $_, '+<', '/dev/null' or die "/dev/null: $!\n" for $to, $from, $input, $output;
	} elsif ($wire =~ /^tcp/) {
		($to, $input) = connect_by_tcp($wire);
		open $output, '+<&', $input or die "dup: $!\n";
		open $from, '+<&', $to or die "dup: $!\n";
	} else {
		$wire eq 'records' && socketpair $to, $input, AF_UNIX, SOCK_SEQPACKET, 0
		    or socketpair $to, $input, AF_UNIX, SOCK_STREAM, 0
		    or die "socketpair: $!\n";
		open $output, '+<&', $input or die "dup: $!\n";
		open $from, '+<&', $to or die "dup: $!\n";
	}
	for ($to, $from) {
		fcntl $_, F_SETFL, fcntl($_, F_GETFL, 0) | O_NONBLOCK or die "fcntl: $!\n";
	}
	return ($to, $from, $input, $output);
}

# Both ends of a connection to ourselves.
sub connect_by_tcp {
	my ($wire) = @_;
	my ($family, $any) = $wire eq 'tcp6' ? (AF_INET6, pack_sockaddr_in6(0, IN6ADDR_LOOPBACK))
	    : (AF_INET, pack_sockaddr_in(0, INADDR_LOOPBACK));
	my ($listener, $to, $input);
	socket $listener, $family, SOCK_STREAM, 0
	    and bind $listener, $any
	    and listen $listener, 1
	    and socket $to, $family, SOCK_STREAM, 0
	    and connect $to, getsockname $listener
	    and accept $input, $listener
	    or die "$wire: $!\n";
	return ($to, $input);
}

# Sets how many seconds each step from now on may take.
sub limit {
	my ($self, $seconds) = @_;
	$self->{limit} = $seconds;
	return $self;
}

# Sends octets, at most $piece at a time, and collects output meanwhile.  Returns
# false where the program closed before it had taken all: what that means is the
# caller's to say.
sub send {
	my ($self, $octets, $piece) = @_;
	my $deadline = time + $self->{limit};
	my ($sent, $length) = (0, length $octets);
	return 0 unless $self->{to};
	local $SIG{PIPE} = 'IGNORE';
	while ($sent < $length) {
		my $written = syswrite $self->{to}, $octets,
		    !$piece || $piece > $length - $sent ? $length - $sent : $piece, $sent;
		if (defined $written) {
			$sent += $written;
			next;
		}
		return 0 unless $!{EAGAIN} || $!{EWOULDBLOCK} || $!{EINTR};
		$self->await($deadline, 1);
	}
	return 1;
}

# Waits until there is output, or (if asked) until input would be taken.
sub await {
	my ($self, $deadline, $or_input) = @_;
	my ($readable, $writable) = ('', '');
	vec($readable, fileno $self->{from}, 1) = 1 unless $self->{ended};
	vec($writable, fileno $self->{to}, 1) = 1 if $or_input;
	my $left = $deadline - time;
	die "no answer in $self->{limit} seconds\n"
	    if $left <= 0 || !select $readable, $writable, undef, $left;
	return if $self->{ended} || !vec $readable, fileno $self->{from}, 1;
	my $got = sysread $self->{from}, $self->{output}, $READ_OCTETS, length $self->{output};
	# A program that leaves with input unread makes one read fail, on a socket of records
	# even before its last output: what it has said comes behind that.
	return if !defined $got && ($!{EAGAIN} || $!{EWOULDBLOCK} || $!{EINTR} || $!{ECONNRESET});
	$self->{ended} = 1 unless $got;
}

# The next line, without its CRLF; undef at the end.  A line that does not end in
# CRLF is an error, and so is silence.
sub line {
	my ($self) = @_;
	my $deadline = time + $self->{limit};
	my $end;
	while (($end = index $self->{output}, "\n", $self->{looked} || 0) < 0) {
		$self->{looked} = length $self->{output};
		last if $self->{ended};
		$self->await($deadline);
	}
	$self->{looked} = 0;
	return undef if $end < 0 && $self->{output} eq '';
	my $line = substr $self->{output}, 0, $end < 0 ? length $self->{output} : $end + 1, '';
	$line =~ s/\r\n\z// or die 'a line that does not end in CRLF: ' . visible($line) . "\n";
	return $line;
}

# A whole reply of SMTP: its lines, joined by LF.
sub reply {
	my ($self) = @_;
	my @lines;
	do {
		push @lines, $self->line;
		return join "\n", grep { defined } @lines unless defined $lines[-1];
	} while $lines[-1] =~ /^\d\d\d-/;
	return join "\n", @lines;
}

# Sends a command line and returns its reply.
sub ask {
	my ($self, $command) = @_;
	$self->send("$command\r\n");
	return $self->reply;
}

# What is there to be read at once: over `records`, one write of the program's.
sub piece {
	my ($self) = @_;
	my $deadline = time + $self->{limit};
	$self->await($deadline) until length $self->{output} || $self->{ended};
	my $piece = $self->{output};
	$self->{output} = '';
	return $piece;
}

# All output up to the end.
sub rest {
	my ($self) = @_;
	my $deadline = time + $self->{limit};
	$self->await($deadline) until $self->{ended};
	my $rest = $self->{output};
	$self->{output} = '';
	return $rest;
}

# Tells the program that nothing more will come.
sub close_input {
	my ($self) = @_;
	shutdown $self->{to}, 1;
	close delete $self->{to};
}

sub signal {
	my ($self, $name) = @_;
	kill $name, $self->{pid};
}

# The most memory, in KiB, that the program and its children have had in use; 0 where that
# cannot be seen.
sub peak_memory {
	my ($self) = @_;
	my $most = 0;
	for my $pid ($self->{pid}, split ' ', of_process($self->{pid}, "task/$self->{pid}/children")) {
		my ($peak) = of_process($pid, 'status') =~ /^VmHWM:\s+(\d+) kB/m;
		$most = $peak if defined $peak && $peak > $most;
	}
	return $most;
}

# What Linux tells about a process, in a file of this name.
sub of_process {
	my ($pid, $name) = @_;
	open my $file, '<', "/proc/$pid/$name" or return '';
	local $/;
	my $text = <$file>;
	return defined $text ? $text : '';
}

# Asks the program to end and waits for that; for servers that tidy up.
sub terminate {
	my ($self) = @_;
	$self->signal('TERM');
	return $self->status;
}

# Waits for the end of the program.  Returns its exit status, or `signal N`.
sub status {
	my ($self) = @_;
	return $self->{status} if defined $self->{status};
	local $SIG{ALRM} = sub { die "did not end in $self->{limit} seconds\n" };
	alarm int $self->{limit} + 1;
	my $found = eval { waitpid $self->{pid}, 0 };
	alarm 0;
	die $@ unless $found;
	return $self->{status} = $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
}

# Ends the program whatever it is doing.
sub stop {
	my ($self) = @_;
	return if defined $self->{status} || $$ != $self->{owner};
	kill 'KILL', $self->{group} ? -$self->{pid} : $self->{pid};
	waitpid $self->{pid}, 0;
	$self->{status} = 'stopped';
}

sub DESTROY {
	local ($?, $@, $!);
	$_[0]->stop;
}

# Octets as they can be shown in a test's output.
sub visible {
	my ($octets) = @_;
	$octets = substr($octets, 0, 300) . '...' if length $octets > 300;
	$octets =~ s/([^\x20-\x7e])/$1 eq "\r" ? '\r' : $1 eq "\n" ? '\n' : sprintf '\x%02x', ord $1/ge;
	return $octets;
}

1;
