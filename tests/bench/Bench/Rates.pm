# Messages a second over TCP: our programs and the small peers under each supervisor, and
# the resident daemons that are installed.  What has come stays: ext4 gives no inode that
# was freed in the last minutes to a new file, and looks at each before it takes another,
# which was a third of what a message cost here when rounds began with empty directories.
package Bench::Rates;

use strict;
use warnings;
use Bench::Measure;
use Bench::Session qw(mailfront smtp_steps);
use Bench::Daemons qw(daemons);
use Exporter qw(import);
use PeerTest qw(free_port give_away run slurp spew start stop unprivileged wait_for_port);

our @EXPORT = qw(rates supervisor_names);

# Each supervisor: its program, its Debian package, and its command line.  What it starts
# gets no descriptor 2 that is the connection, and as many sessions as there are clients.
my @supervisors = (
	['tcpserver', 'ucspi-tcp', sub {
		my ($port, undef, undef, @command) = @_;
		return ('tcpserver', '-q', '-R', '-H', '-l', '0', '-b', '400', '-c', '400', '127.0.0.1', $port, @command);
	}],
	['xinetd', 'xinetd', sub {
		my ($port, $directory, $environment, $program, @arguments) = @_;
		my $user = getpwuid($> ? $> : 65534);
		my $variables = @$environment ? "env = @$environment" : '';
		spew("$directory/xinetd.conf", <<"END");
defaults
{
	log_type = FILE /dev/null
	instances = UNLIMITED
}
service measured
{
	type = UNLISTED
	socket_type = stream
	protocol = tcp
	wait = no
	bind = 127.0.0.1
	port = $port
	user = $user
	cps = 100000 1
	$variables
	server = $program
	server_args = @arguments
}
END
		return ('xinetd', '-dontfork', '-f', "$directory/xinetd.conf", '-pidfile', "$directory/xinetd.pid");
	}],
	['systemd-socket-activate', 'systemd', sub {
		my ($port, undef, $environment, @command) = @_;
		return ('systemd-socket-activate', '-l', "127.0.0.1:$port", (map { ('-E', $_) } @$environment), '--accept', '--inetd', @command);
	}],
);

sub supervisor_names {
	return map { $_->[0] } @supervisors;
}

# Starts a contestant on a free port.  Returns the port and the process id.
sub listen_with {
	my ($supervisor, $contestant) = @_;
	my ($name, undef, $command) = @$supervisor;
	my $port = free_port();
	my $directory = work() . "/$name.$port";
	my @program = @{$contestant->{command}};
	mkdir $directory or die "$directory: $!\n";
	give_away($directory);
	# mailfront's log would go to its client under xinetd
	@program = (floor_program('glibc'), 'quiet', absolute($program[0]), @program[1 .. $#program]) if $name eq 'xinetd' && $contestant->{peer};
	local %ENV = (%ENV, map { split /=/, $_, 2 } @{$contestant->{environment} || []});
	my $pid = start('/dev/null', unprivileged(), $command->($port, $directory, $contestant->{environment} || [], @program));
	wait_for_port($port) or die "$name does not listen\n";
	return ($port, $pid);
}

sub absolute {
	my ($program) = @_;
	my ($found) = grep { -x } map { "$_/$program" } split /:/, $ENV{PATH};
	return $program =~ m{/} ? $program : $found;
}

sub rates {
	my $root = new_root(1);
	my @programs = (
		(map { +{ name => "smtp-stdio, $_", command => [ours($_, 'smtp-stdio'), '-d', $root, '-h', 'mail.example.com'] } } builds()),
		(map { +{ %$_, peer => 1 } } mailfront()),
	);
	my @all;
	for my $supervisor (@supervisors) {
		next if !needs($supervisor->[0], $supervisor->[1], "messages a second under $supervisor->[0]");
		for (@programs) {
			my ($port, $pid) = listen_with($supervisor, $_);
			push @all, { %$_, under => $supervisor->[0], port => $port, pid => $pid };
		}
	}
	push @all, daemons();
	$_->{script} = script($_->{lmtp} ? lmtp_steps() : smtp_steps(message_lines(2048))) for @all;
	@all = grep { answers($_) } @all;
	my (%rates, %latency, %broken);
	my @connections = choose([1, 10, 100], [1, 10])->@*;
	for my $connections (@connections) {
		my $sessions = choose($connections == 1 ? 200 : 600, 40);
		for my $round (1 .. choose(5, 1)) {
			for (@all) {
				my ($whole, $broken, $seconds, undef, $late) = load($_, $connections, $sessions);
				push @{$rates{$connections}{$_->{port}}}, $whole / $seconds;
				push @{$latency{$connections}{$_->{port}}}, $late / 1000;
				$broken{$connections}{$_->{port}} += $broken;
			}
		}
	}
	stop($_->{pid}) for grep { $_->{pid} } @all;
	my @rows;
	for my $connections (@connections) {
		my %rate = map { $_->{port} => median(@{$rates{$connections}{$_->{port}}}) } @all;
		my $daemon = maximum(map { $rate{$_->{port}} } grep { !$_->{under} } @all);
		keep("daemon $connections", $daemon);
		for my $each (@all) {
			my $mine = $rate{$each->{port}};
			my ($peer) = map { $rate{$_->{port}} } grep { $_->{peer} && $_->{under} && $each->{under} && $_->{under} eq $each->{under} } @all;
			my $broken = $broken{$connections}{$each->{port}};
			keep(join(' ', 'rate', $each->{name}, $each->{under}, $connections), { rate => $mine, peer => $peer }) if $each->{under};
			push @rows, [$connections, $each->{under} || 'itself', $each->{name}, sprintf('%.0f', $mine), spread(@{$rates{$connections}{$each->{port}}}),
				sprintf('%.1f', median(@{$latency{$connections}{$each->{port}}})), $broken || undef,
				$peer ? sprintf('%.2f', $mine / $peer) : undef, $daemon ? sprintf('%.2f', $mine / $daemon) : undef];
		}
	}
	table('smtp-rates', 'Messages a second over TCP, 2 KiB, one a connection, durable before the 250',
		['connections', 'under', 'program', 'msg/s', 'p10-p90', 'p99 ms', 'broken', 'x mailfront', 'x best daemon'], @rows);
}

# What load.c says.
sub load {
	my ($contestant, $connections, $sessions) = @_;
	my ($status, $output, $error) = run([tool('load'), $connections, $sessions, $contestant->{port}, $contestant->{script}], seconds => 600);
	die "load: $error\n" if !defined $status || $status != 0;
	return split /\t/, $output;
}

# True when one session goes well; one that does not is no contestant.
sub answers {
	my ($contestant) = @_;
	my ($whole) = load($contestant, 1, 1);
	return 1 if $whole;
	without("messages a second of $contestant->{name}" . ($contestant->{under} ? " under $contestant->{under}" : "") . ": it takes no message");
	stop($contestant->{pid}) if $contestant->{pid};
	return 0;
}

sub lmtp_steps {
	my @steps = smtp_steps(message_lines(2048));
	return map { s/\AEHLO/LHLO/r } @steps;
}

1;
