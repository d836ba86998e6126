# What stands there when nothing is done: memory of idle sessions, and the size of programs.
package Bench::Standing;

use strict;
use warnings;
use Bench::Measure;
use Bench::Session qw(mailfront);
use Exporter qw(import);
use PeerTest qw(run);
use Program;

our @EXPORT = qw(idle sizes);

sub idle {
	my $root = new_root(1);
	my @all = (
		(map { +{ name => "empty program, $_", command => [floor_program($_), 'wait'], floor => 1 } } builds()),
		(map { +{ name => "smtp-stdio, $_", command => [ours($_, 'smtp-stdio'), '-d', $root] } } builds()),
		(map { +{ name => "pop3-stdio before login, $_", command => [ours($_, 'pop3-stdio'), '-p', '-d', $root] } } builds()),
		(map { +{ %$_, peer => 1 } } mailfront()),
	);
	my @rows;
	for my $count (choose([1, 10, 100, 1000], [1, 10])->@*) {
		my %pss = map { $_->{name} => pss_each($count, $_) } @all;
		my $floor = $pss{'empty program, glibc'};
		my ($best) = map { $pss{$_->{name}} } grep { $_->{peer} } @all;
		for (@all) {
			keep("$_->{name} PSS $count", $pss{$_->{name}});
			push @rows, [$count, $_->{name}, sprintf('%.1f', $pss{$_->{name}}), sprintf('%.2f', $pss{$_->{name}} / $floor),
				$best ? sprintf('%.2f', $pss{$_->{name}} / $best) : undef];
		}
	}
	table('idle', 'Idle sessions, after the greeting: proportional set size of each, all its processes',
		['sessions', 'program', 'KiB each', 'x empty, glibc', 'x best peer'], @rows);
}

# Opens so many sessions; KiB of one.
sub pss_each {
	my ($count, $contestant) = @_;
	my @sessions = map {
		Program->start(command => $contestant->{command}, wire => 'socket', limit => 120,
			environment => { map { split /=/, $_, 2 } @{$contestant->{environment} || []} })
	} 1 .. $count;
	$_->line for @sessions;
	my $sum = 0;
	$sum += pss_of($_->{pid}) for @sessions;
	$_->close_input for @sessions;
	$_->status for @sessions;
	return $sum / $count;
}

# With its children.
sub pss_of {
	my ($pid) = @_;
	my ($kib) = Program::of_process($pid, 'smaps_rollup') =~ /^Pss:\s+(\d+) kB/m;
	die "the memory of a process cannot be seen\n" if !defined $kib;
	$kib += pss_of($_) for split ' ', Program::of_process($pid, "task/$pid/children");
	return $kib;
}

sub sizes {
	my @rows;
	for my $libc (builds()) {
		my $floor;
		for my $name ('floor', 'smtp-stdio', 'pop3-stdio', 'mailstore') {
			my $stripped = work() . '/stripped';
			run(['strip', '-o', $stripped, $name eq 'floor' ? floor_program($libc) : ours($libc, $name)]);
			my $size = -s $stripped or next;
			$floor ||= $size;
			keep("$name, $libc size", $size / 1024);
			push @rows, [$name, $libc, $size, sprintf('%.1f', $size / 1024), sprintf '%.2f', $size / $floor];
		}
	}
	table('sizes', 'Programs, static and stripped', ['program', 'build', 'octets', 'KiB', 'x floor'], @rows);
}

1;
