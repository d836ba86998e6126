# Tries sequences of commands against a program and a model of it, which says what replies
# are allowed: all that are so long, and all that a state of the model can be asked.  What
# can be taken back is tried many times in one process, all of it in one piece; the rest has
# a process of its own.
#
# A model has start(), step(), symbols(), octets(), resets() and flags(), as SmtpModel has.
package ModelTest;

use strict;
use warnings;
use Exporter qw(import);
use MailTest;
use Pop3Model;
use Scram;
use Sessions;
use SmtpModel;

our @EXPORT = qw(smtp_test pop3_test);

my $A_PROCESS = 20_000;         # sequences, at most
my $AT_ONCE_OCTETS = 60_000;    # what a pipe holds in any case
my $SHOWN = 12;                 # disagreements

my $sessions;                   # Sessions, from before there was much in memory

# Named arguments:
#   name      what is said in front of each assertion
#   model
#   program   its command, without the model's flags
#   after     called with how many messages have arrived and the last state, at the end of
#             each process; returns what is wrong with what it finds, or ''
#   at_once   how many processes may be under way (default 40)
#   exclusive name of a member of a state: where it is true there can be one process only
#   begin     the commands that stand before all sequences
#   roots     array of arrays of commands: what leads to more states where many sequences may begin
#   symbols   array: these commands only
sub new {
	my ($class, %with) = @_;
	my $self = bless { begin => [], roots => [], at_once => 40, sequences => 0, processes => 0, disagreements => 0, %with }, $class;
	$self->{symbols} ||= [ $self->{model}->symbols ];
	$self->{sessions} = $sessions ||= Sessions->new;
	my ($state, $greeting) = $self->{model}->start;
	$self->{greeting} = $greeting;
	$self->{first} = $self->known($state);
	$self->{root} = $self->walk($self->{first}, $self->{begin})->{next};
	# The longest first
	for my $way (reverse sort { @$a <=> @$b } [], @{$self->{roots}}) {
		my $all = [ @{$self->{begin}}, @$way ];
		my $state = $self->walk($self->{first}, $all)->{next};
		push @{$self->{beginnings}}, [ $state, $all, @$way ];
		$self->{root_of}{$state} = $all;
	}
	return $self;
}

# The name of a state.
sub known {
	my ($self, $state) = @_;
	my $key = join '|', map { "$_=$state->{$_}" } sort keys %$state;
	$self->{states}{$key} ||= { %$state };
	return $key;
}

# What a command does in a state: replies, delivered, wait, and the name of the next state.
sub transition {
	my ($self, $from, $symbol) = @_;
	return $self->{transitions}{$from}{$symbol} ||= do {
		my $state = { %{$self->{states}{$from}} };
		my $done = $self->{model}->step($state, $self->{model}->octets($symbol));
		$done->{next} = $self->known($state);
		$self->{count}++;
		$done;
	};
}

# The same of several commands, one after the other; steps has each one's.
sub walk {
	my ($self, $from, $symbols) = @_;
	my (@steps, $wait, $slow);
	for my $symbol (@$symbols) {
		my $step = $self->{transitions}{$from}{$symbol} || $self->transition($from, $symbol);
		push @steps, $step;
		$from = $step->{next};
		$wait ||= $step->{wait};
		$slow ||= $step->{slow};
	}
	return { steps => \@steps, next => $from, wait => $wait, slow => $slow };
}

# Commands that lead from a state to another, with their octets and what they do; undef where
# there are none.
sub way_back {
	my ($self, $from, $root) = @_;
	return $self->{back}{$root}{$from} if exists $self->{back}{$root}{$from};
	my @ways = ([ $from ]);
	my %seen = ($from => 1);
	while (my $way = shift @ways) {
		my ($at, @symbols) = @$way;
		if ($at eq $root) {
			my $steps = $self->walk($from, \@symbols)->{steps};
			return $self->{back}{$root}{$from} = { symbols => \@symbols, steps => $steps, octets => join '', map { $self->{model}->octets($_) } @symbols };
		}
		next if @symbols == 4;
		for my $symbol ($self->{model}->resets) {
			my $step = $self->transition($at, $symbol);
			push @ways, [ $step->{next}, @symbols, $symbol ] unless $step->{wait} || $step->{slow} || $seen{$step->{next}}++;
		}
	}
	return $self->{back}{$root}{$from} = undef;
}

# Tries a sequence, now or with others that begin as it does.  One that cannot be taken back
# and has the same last two commands, in the same state, as another that was tried is not tried
# again, unless EVERY=1 is in the environment.
sub try {
	my ($self, @symbols) = @_;
	$self->{sequences}++;
	for my $root (@{$self->{beginnings}}) {
		my ($state, $begin, @way) = @$root;
		next if @way >= @symbols || grep { $symbols[$_] ne $way[$_] } 0 .. $#way;
		return if $self->with_others($state, $begin, @symbols[@way .. $#symbols]);
	}
	my @before = @symbols < 3 ? () : @symbols[0 .. $#symbols - 2];
	my $same = join ' | ', $self->walk($self->{root}, \@before)->{next}, @symbols[@before .. $#symbols];
	return $self->{merged}++ if $self->{tried}{$same}++ && !$ENV{EVERY};
	$self->alone(\@symbols);
}

# Tries commands in a state that others lead to, whatever way it is that does: where there is
# a root on it, what comes before that is done once for many.
sub try_behind {
	my ($self, $way, @symbols) = @_;
	my $walk = $self->walk($self->{root}, $way);
	my @states = ($self->{root}, map { $_->{next} } @{$walk->{steps}});
	$self->{sequences}++;
	for my $n (reverse 0 .. @$way) {
		my $begin = $self->{root_of}{$states[$n]} or next;
		return if $self->with_others($states[$n], $begin, @$way[$n .. $#$way], @symbols);
	}
	$self->alone([ @$way, @symbols ]);
}

# Puts a sequence to those that are tried in one process, from a state that these commands
# lead to.  False where it cannot be, because what it does cannot be taken back.
sub with_others {
	my ($self, $root, $begin, @symbols) = @_;
	my $walk = $self->walk($root, \@symbols);
	my $back = $walk->{wait} ? undef : $self->way_back($walk->{next}, $root);
	return 0 unless $back;
	# Nobody is kept waiting who has sent all and gone
	my ($name, $most) = $walk->{slow} ? ("$root slow", $AT_ONCE_OCTETS) : ($root, 1 << 24);
	my $octets = join '', (map { $self->{octets}{$_} ||= $self->{model}->octets($_) } @symbols), $back->{octets};
	$self->run_batch(delete $self->{batches}{$name})
	    if $self->{batches}{$name} && length($self->{batches}{$name}{input}) + length $octets > $most;
	my $batch = $self->{batches}{$name} ||= { root => $root, begin => $begin, input => '', expected => [], delivered => 0, of => [] };
	push @{$batch->{of}}, [ scalar @{$batch->{expected}}, \@symbols, $back->{symbols} ];
	$batch->{input} .= $octets;
	for my $step (@{$walk->{steps}}, @{$back->{steps}}) {
		push @{$batch->{expected}}, @{$step->{replies}};
		$batch->{delivered} += $step->{delivered};
	}
	$self->run_batch(delete $self->{batches}{$name}) if @{$batch->{of}} >= $A_PROCESS;
	return 1;
}

# Tries what has been gathered.
sub flush {
	my ($self) = @_;
	$self->finish;
	$self->run_batch($_) for values %{delete $self->{batches} || {}};
}

sub run_batch {
	my ($self, $batch) = @_;
	$self->finish;
	my $one = $self->begun($batch->{begin});
	my $behind = @{$one->{expected}};
	$one->{pieces}[-1] .= $batch->{input};
	push @{$one->{expected}}, @{$batch->{expected}};
	$one->{delivered} += $batch->{delivered};
	$one->{name} = sub {
		my ($agreed) = @_;
		my ($last) = grep { $_->[0] <= $agreed - $behind } reverse @{$batch->{of}};
		return @{$batch->{begin}} unless $last;
		return (@{$batch->{begin}}, '...', @{$last->[1]}, '(and back)', @{$last->[2]});
	};
	$self->judge([ $one ], Sessions::of_one($self->command, [ @$one{qw(pieces replies)} ]));
}

# What a process for these commands is told, and what it has to say.
sub begun {
	my ($self, $symbols) = @_;
	my $walk = $self->walk($self->{first}, $symbols);
	my $one = { pieces => [ '' ], replies => [], expected => [ @{$self->{greeting}} ], delivered => 0, last => $walk->{next} };
	for my $n (0 .. $#$symbols) {
		my $step = $walk->{steps}[$n];
		$one->{pieces}[-1] .= $self->{model}->octets($symbols->[$n]);
		$one->{delivered} += $step->{delivered};
		push @{$one->{expected}}, @{$step->{replies}};
		$one->{exclusive} ||= $self->{exclusive} && $self->{states}{$step->{next}}{$self->{exclusive}};
		next unless $step->{wait};
		push @{$one->{pieces}}, '';
		push @{$one->{replies}}, scalar @{$one->{expected}};
	}
	return $one;
}

# A process for one sequence.  Several are under way at once, for some wait.
sub alone {
	my ($self, $symbols) = @_;
	my @all = (@{$self->{begin}}, @$symbols);
	my $one = $self->begun(\@all);
	$one->{name} = sub { return @all };
	$self->finish if $one->{exclusive};
	push @{$self->{gathered}}, $one;
	$self->start_gathered if @{$self->{gathered}} >= $self->{at_once};
	$self->finish if $one->{exclusive};
}

# Starts the processes for what was gathered, when those before are at their ends.
sub start_gathered {
	my ($self) = @_;
	my $gathered = delete $self->{gathered} || [];
	$self->judge_under_way;
	return unless @$gathered;
	$self->{sessions}->start($self->command, map { [ @$_{qw(pieces replies)} ] } @$gathered);
	$self->{under_way} = $gathered;
}

sub judge_under_way {
	my ($self) = @_;
	my $under_way = delete $self->{under_way} or return;
	$self->judge($under_way, $self->{sessions}->outcomes);
}

# Waits for the ends of all processes.
sub finish {
	my ($self) = @_;
	$self->start_gathered;
	$self->judge_under_way;
}

sub command {
	my ($self) = @_;
	return [ @{$self->{program}}, $self->{model}->flags ];
}

# Looks at what has come of these sessions.
sub judge {
	my ($self, $sessions, @outcomes) = @_;
	my ($delivered, $last) = (0, $sessions->[-1]);
	$self->{processes} += @$sessions;
	for my $one (@$sessions) {
		my ($output, $status) = @{shift @outcomes};
		my $agreed = $self->agreed(\$output, $one->{expected});
		$delivered += $one->{delivered};
		if (defined $agreed) {
			$self->disagree([ $one->{name}->($agreed) ], $one->{expected}[$agreed], \$output, $agreed);
		} elsif ($status ne $self->{states}{$one->{last}}{status}) {
			$self->disagree([ $one->{name}->(0) ], "exit status $status", \'');
		}
	}
	my $wrong = $self->{after}->($delivered, $self->{states}{$last->{last}});
	$self->disagree([ $last->{name}->(0) ], $wrong, \'') if $wrong;
}

# Compares: undef where all is as expected, else the number of the first reply that is not,
# with pos() of the output at it.
sub agreed {
	my ($self, $output, $expected) = @_;
	my $n = 0;
	pos($$output) = 0;
	for my $reply (@$expected) {
		return $n unless ref $reply eq 'CODE' ? $reply->($output) : $$output =~ /$reply/gc;
		$n++;
	}
	return pos $$output == length $$output ? undef : $n;
}

sub disagree {
	my ($self, $symbols, $expected, $output, $number) = @_;
	return if $self->{disagreements}++ >= $SHOWN;
	my $came = substr $$output, pos $$output || 0, 200;
	diag(join ' | ', map { Program::visible($_) } @$symbols);
	diag(defined $number ? "    reply $number: " . Program::visible($came) . ' is not ' : '    ',
	    defined $expected ? (ref $expected eq 'CODE' ? 'the list' : Program::visible($expected)) : 'expected at all');
}

# Whether nothing is answered any more.
sub is_over {
	my ($self, $state) = @_;
	return $self->{states}{$state}{mode} =~ /^(?:closed|endless)\z/;
}

# Tries each sequence of up to so many commands.
sub all_sequences {
	my ($self, $length) = @_;
	my $before = $self->{sequences};
	$self->continue($length, []);
	$self->flush;
	return $self->{sequences} - $before;
}

sub continue {
	my ($self, $length, $begin) = @_;
	for my $symbol (@{$self->{symbols}}) {
		my @sequence = (@$begin, $symbol);
		$self->try(@sequence);
		next if $length == 1;
		if ($self->is_over($self->walk($self->{root}, \@sequence)->{next})) {
			$self->try_over(@sequence);
		} else {
			$self->continue($length - 1, \@sequence);
		}
	}
}

# Tries each command behind a sequence that is the end of a session, all in one process: where
# nothing is answered to the first, the next stands behind the same end.
sub try_over {
	my ($self, @sequence) = @_;
	my $last = pop @sequence;
	my @behind = @{$self->{symbols}};
	$self->{sequences} += @behind;
	my $same = join ' | ', $self->walk($self->{root}, \@sequence)->{next}, $last, 'and all';
	return $self->{merged} += @behind if $self->{tried}{$same}++ && !$ENV{EVERY};
	$self->alone([ @sequence, $last, @behind ]);
}

# Tries each command in each state that so many commands lead to, by one of the shortest ways,
# and behind it each of these endings, by which the state that it left can be told.  Returns
# how many states and commands that were.
sub all_transitions {
	my ($self, $depth, @endings) = @_;
	my %way = ($self->{root} => []);
	my @now = ($self->{root});
	my $transitions = 0;
	for my $length (1 .. $depth) {
		my @next;
		for my $from (@now) {
			for my $symbol (@{$self->{symbols}}) {
				my $next = $self->transition($from, $symbol)->{next};
				$transitions++;
				# Where a process is needed for each, one ending has to do
				my @behind = $self->is_over($next) ? [] : $self->transition($from, $symbol)->{wait} ? $endings[-1] : @endings;
				$self->try_behind($way{$from}, $symbol, @$_) for @behind;
				push @next, $next unless $way{$next};
				$way{$next} ||= [ @{$way{$from}}, $symbol ];
			}
		}
		@now = grep { !$self->is_over($_) } @next;
	}
	$self->flush;
	return (scalar keys %way, $transitions);
}

# A model of smtp-stdio (what SmtpModel takes) against the program, on a mail root of its own.  Where there is a file
# system in memory it is there: nothing here asks what a disk keeps.
sub smtp_test {
	my (%with) = @_;
	$with{model} = SmtpModel->new(%{$with{model}});
	local $ENV{TMPDIR} = -d '/dev/shm' && -w _ ? '/dev/shm' : $ENV{TMPDIR};
	my $root = new_root([ 'bob@example.com', 'secret' ], 'full@example.com');
	quick_password($root, 'secret');
	deliver($root, $_, 'x') for 'bob@example.com', 'full@example.com';
	my (undef, $status) = run('', [ program('mailstore'), '-d', $root, 'quota', 'full@example.com', 1 ]);
	die "mailstore quota: $status\n" if $status ne '0';
	my ($new, $incoming) = ("$root/mail/example.com/bob/new", "$root/mail/.incoming");
	unlink map { "$new/$_" } entries($new);
	my $begin = $with{begin} || [];
	return ModelTest->new(%with, roots => [ map { [ @$_[@$begin .. $#$_] ] } grep { @$_ > @$begin && "@$_[0 .. $#$begin]" eq "@$begin" } $with{model}->roots ],
	    program => [ program('smtp-stdio'), '-d', $root ], after => sub {
		my ($delivered) = @_;
		my @names = entries($new);
		unlink map { "$new/$_" } @names;
		return scalar @names . " messages, not $delivered" if @names != $delivered;
		return entries($incoming) ? 'something is left in mail/.incoming' : '';
	});
}

# The same of pop3-stdio: what a session has removed is there again for the next one.  Takes
# what Pop3Model takes as `model`.
sub pop3_test {
	my (%with) = @_;
	local $ENV{TMPDIR} = -d '/dev/shm' && -w _ ? '/dev/shm' : $ENV{TMPDIR};
	my $root = new_root([ 'bob@example.com', 'secret' ]);
	quick_password($root, 'secret');
	deliver($root, 'bob@example.com', "Subject: $_\n\n.text $_\nand more\n") for 1 .. 3;
	my ($new, $saved) = ("$root/mail/example.com/bob/new", "$root/../saved");
	mkdir $saved or die "$saved: $!\n";
	my @names = sort map { s{.*/}{}r } messages($root, 'bob@example.com');
	link "$new/$_", "$saved/$_" or die "$new/$_: $!\n" for @names;
	my $model = Pop3Model->new(%{$with{model}}, uids => [ map { s/,.*//r } @names ], sizes => [ map { /,W=(\d+)/ } @names ]);
	my $holder = $model->{in_use} && start('pop3-stdio', $root, [ '-p' ]);
	if ($holder) {
		$holder->ask($_) for 'USER bob@example.com', 'PASS secret';
	}
	return ModelTest->new(%with, model => $model, roots => [ $model->roots ], holder => $holder, exclusive => 'login', program => [ program('pop3-stdio'), '-d', $root ], after => sub {
		my (undef, $state) = @_;
		my %there = map { s{.*/}{}r =~ s/:2,.*//r => 1 } messages($root, 'bob@example.com');
		my @wrong = grep { !!$there{$names[$_ - 1]} == (index($state->{removed}, $_) >= 0) } 1 .. @names;
		link "$saved/$_", "$new/$_" for grep { !$there{$_} } @names;
		return @wrong ? "removed should be the messages '$state->{removed}', which is not so of @wrong" : '';
	});
}

# Bob's password is checked in no time.
sub quick_password {
	my ($root, $password) = @_;
	open my $file, '>', "$root/passwords/example.com/bob" or die "passwords: $!\n";
	print $file Scram::verifier($password, 'salt', 1), "\n";
	close $file or die "passwords: $!\n";
}

sub entries {
	my ($directory) = @_;
	opendir my $listing, $directory or return ();
	return grep { !/^\./ } readdir $listing;
}

# Says that program and model agree, and how much was tried.
sub is_agreed {
	my ($self, $what) = @_;
	is($self->{disagreements}, 0, "$self->{name}: $what");
	note("$self->{name}: $self->{sequences} sequences in $self->{processes} processes", ($self->{merged} ? ", $self->{merged} of them taken for tried" : ''),
	    "; $self->{count} different steps of the model");
}

1;
