# Sessions with a program, several under way at once, that are started by a process of its own:
# a fork costs what the process that forks has in memory, and whoever asks for these by the
# thousand may have much of it.
#
# A session is an array: what to send, in pieces, and how many replies there have to be before
# each piece but the first.  What comes of it is an array too: all that the program has said,
# and its exit status, or 'none' where it did not come to its end.
package Sessions;

use strict;
use warnings;
use POSIX ();
use Program;
use Storable qw(freeze thaw);
use Time::HiRes qw(time);

my $LIMIT_SECONDS = 120;        # for each step of a session
my $PIPE_OCTETS = 1 << 20;      # where it may be, so that neither side waits for the other often

# Starts the process, which is as big as the caller's is now.
sub new {
	my ($class) = @_;
	pipe my $wanted, my $to or die "pipe: $!\n";
	pipe my $from, my $done or die "pipe: $!\n";
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	if (!$pid) {
		close $to;
		close $from;
		$SIG{$_} = 'DEFAULT' for qw(PIPE TERM INT HUP);
		while (my $work = get($wanted)) {
			put($done, [ map { outcome($_) } map { begun($work->{command}, $_) } @{$work->{sessions}} ]);
		}
		POSIX::_exit(0);
	}
	return bless { pid => $pid, to => $to, from => $from, owner => $$ }, $class;
}

# Starts these sessions with a command.  The ones before must have been asked for.
sub start {
	my ($self, $command, @sessions) = @_;
	put($self->{to}, { command => $command, sessions => \@sessions });
}

# Waits for the ends of the sessions, and returns what has come of each.
sub outcomes {
	my ($self) = @_;
	my $outcomes = get($self->{from}) or die "the process that starts sessions is gone\n";
	return @$outcomes;
}

sub put {
	my ($to, $what) = @_;
	my $octets = freeze($what);
	local $SIG{PIPE} = 'IGNORE';
	print $to pack('N', length $octets), $octets and $to->flush or die "the process that starts sessions: $!\n";
}

# The next that was put; undef at the end.
sub get {
	my ($from) = @_;
	(read $from, my $length, 4) == 4 or return undef;
	$length = unpack 'N', $length;
	(read $from, my $octets, $length) == $length or return undef;
	return thaw($octets);
}

# Runs one session here.
sub of_one {
	my ($command, $session) = @_;
	return outcome(begun($command, $session));
}

# A session that has begun, and was sent what it may be without waiting.
sub begun {
	my ($command, $session) = @_;
	my ($pieces, $replies) = @$session;
	my $self = { program => Program->start(command => $command, limit => $LIMIT_SECONDS, pipe_octets => $PIPE_OCTETS), pieces => [ @$pieces ], replies => $replies };
	next_piece($self);
	return $self;
}

sub next_piece {
	my ($self) = @_;
	$self->{program}->send(shift @{$self->{pieces}});
	$self->{program}->close_input unless @{$self->{pieces}};
}

# Waits for the end of a session.
sub outcome {
	my ($self) = @_;
	my $program = $self->{program};
	my ($said, $count, $status) = ('', 0, 'none');
	eval {
		for my $least (@{$self->{replies}}) {
			while ($count < $least) {
				my $reply = $program->reply;
				last if $reply eq '';
				$said .= join '', map { "$_\r\n" } split /\n/, $reply, -1;
				$count++;
			}
			next_piece($self);
		}
		$program->await(time + $LIMIT_SECONDS) until $program->{ended};
		$status = $program->status;
	};
	return [ $said . $program->{output}, $status ];
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);
	return if $self->{owner} != $$;
	close $self->{to};
	waitpid $self->{pid}, 0;
}

1;
