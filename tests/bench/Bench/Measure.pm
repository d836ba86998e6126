# What every part of `make bench` is made of: programs of both builds where everybody can
# run them, scripts of sessions, interleaved runs, and tables with medians.
package Bench::Measure;

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use PeerTest qw(give_away run scratch_dir slurp spew unprivileged);
use Scram qw(verifier);

our @EXPORT = qw(account_in builds choose converse floor_program
	keep kept maximum median message_lines minimum needs new_root ours peers_told rows_of
	script spread table tool tsv_directory without work);

my $build = abs_path($ENV{BUILD} || 'build');
my $work;
my $roots = 0;
my %kept;
my @absent;

# One of two values: the second in a short run.
sub choose {
	my ($whole, $quick) = @_;
	return $ENV{QUICK} ? $quick : $whole;
}

sub tsv_directory { return "$build/bench" }

# A directory on the disk, of whoever runs the programs.  On ext4 it is in a part of the
# disk that goes by its name, where the inodes that an earlier run freed slow nothing.
sub work {
	return $work if $work;
	my $scratch = scratch_dir();
	chmod 0755, $scratch;
	run(['chattr', '+T', $scratch]) if has('chattr');
	$work = "$scratch/$$." . time;
	mkdir $work or die "$work: $!\n";
	return give_away($work);
}

# The C libraries that there is a compiler for.
sub builds {
	return ('glibc', needs('musl-gcc', 'musl-tools', 'all with musl') ? 'musl' : ());
}

# A program built with a C library, where those without privileges can run it.
my %built;
sub ours {
	my ($libc, $name) = @_;
	return $built{$libc}{$name} ||= built($libc, $name);
}

sub floor_program { return ours($_[0], 'floor') }

sub tool { return ours('glibc', $_[0]) }

sub built {
	my ($libc, $name) = @_;
	my $directory = "$build/bench/$libc";
	# What the make around us was told about its build is not for this one
	my ($status, $output, $error) = run(['env', '-u', 'MAKEFLAGS', '-u', 'MAKELEVEL', '-u', 'SANITIZE', 'make', '-s', "BUILD=$directory",
		'CC=' . ($libc eq 'musl' ? 'musl-gcc' : 'cc'), "$directory/$name"], seconds => 600);
	die "$name with $libc:\n$output$error" if !defined $status || $status != 0;
	my $copy = spew(work() . "/$libc-$name", slurp("$directory/$name"));
	chmod 0755, $copy;
	return $copy;
}

sub has {
	my ($program) = @_;
	return scalar grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

# True when a program is there; says at the end what would have been measured with it.
sub needs {
	my ($program, $package, $for) = @_;
	return 1 if has($program);
	without("$for: $program is not installed (Debian package $package)");
	return 0;
}

sub without {
	my ($what) = @_;
	push @absent, $what if !grep { $_ eq $what } @absent;
}

sub peers_told { return @absent }

# What the goals are judged by: kept by one part, asked for at the end.
sub keep {
	my ($name, $value) = @_;
	$kept{$name} = $value;
}

sub kept {
	my ($name) = @_;
	return $kept{$name};
}

# A new mail root with one account, whose verifier has so few iterations that what they
# cost is not seen; undef leaves it as it is made.
sub new_root {
	my ($iterations) = @_;
	my $root = work() . '/root' . ++$roots;
	my ($status, undef, $error) = run([unprivileged(), ours('glibc', 'mailstore'), '-d', $root,
		'add', 'bob@example.com'], input => "secret\n");
	die "mailstore add: $error" if !defined $status || $status != 0;
	spew("$root/passwords/example.com/bob", verifier('secret', '0123456789abcdef', $iterations) . "\n") if $iterations;
	return $root;
}

sub account_in {
	my ($root) = @_;
	return "$root/mail/example.com/bob";
}

# A file with these octets; the same ones are written once.
my %octets;
sub octets_file {
	my ($octets) = @_;
	return $octets{$octets} ||= spew(work() . '/octets' . keys(%octets), $octets);
}

# The lines of a message of about so many octets, as DATA has them, with the final dot.
sub message_lines {
	my ($octets) = @_;
	my $line = ('The quick brown fox jumps over the lazy dog, and the dog does not mind.' x 2);
	$line = substr($line, 0, 76) . "\r\n";
	return "Subject: measured\r\n\r\n" . $line x ($octets / length($line) || 1) . ".\r\n";
}

# A script of pairs (octets or \path of a file, until); see script.h.
sub script {
	my (@steps) = @_;
	my $text = '';
	while (my ($octets, $until) = splice @steps, 0, 2) {
		$text .= (ref $octets ? $$octets : length $octets ? octets_file($octets) : '-') . " $until\n";
	}
	return octets_file($text);
}

# Runs contestants by turns, so many rounds.  Each is a hash: name, wire (pipe), script,
# environment (an array), command.  Returns, by name, a hash of arrays: wall, cpu, memory,
# steps (an array of such arrays), all in the units of converse.c.  `before` of a contestant
# is called before each round, `memory` asks for the peak of it.
sub converse {
	my ($rounds, %with) = @_;
	my @contestants = @{$with{contestants}};
	my $plan = spew(work() . '/plan', join '', map {
		join("\t", $_->{name}, $_->{wire} || 'pipe', $_->{script}, @{$_->{environment} || []}, @{$_->{command}}) . "\n"
	} @contestants);
	my %found;
	# What has to be cleared away between rounds makes each round a run of its own
	my @runs = $with{after} ? ((1) x $rounds) : ($rounds);
	for my $count (@runs) {
		my ($status, $output, $error) = run([unprivileged(), tool('converse'), $with{memory} ? '-m' : (), $count, $plan], seconds => 3600);
		die "converse: $error\n" if !defined $status || $status != 0;
		for (split /\n/, $output) {
			my ($name, $wall, $cpu, $memory, @steps) = split /\t/;
			push @{$found{$name}{wall}}, $wall;
			push @{$found{$name}{cpu}}, $cpu;
			push @{$found{$name}{memory}}, $memory;
			push @{$found{$name}{steps}[$_]}, $steps[$_] for 0 .. $#steps;
		}
		$with{after}->() if $with{after};
	}
	return \%found;
}

sub median {
	my @sorted = sort { $a <=> $b } @_;
	return undef if !@sorted;
	return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

sub minimum { return (sort { $a <=> $b } grep { defined } @_)[0] }
sub maximum { return (sort { $b <=> $a } grep { defined } @_)[0] }

# From the tenth to the ninetieth of a hundred.
sub spread {
	my @sorted = sort { $a <=> $b } @_;
	return sprintf '%.0f-%.0f', $sorted[$#sorted * 0.1 + 0.5], $sorted[$#sorted * 0.9 + 0.5];
}

# Prints a table and writes it as TSV: name of the file, title, columns, rows.  Undefined
# is a dash.
sub table {
	my ($name, $title, $columns, @rows) = @_;
	my @lines = map { [map { defined $_ ? $_ : '-' } @$_] } $columns, @rows;
	my @width;
	for my $line (@lines) {
		for (0 .. $#$line) {
			$width[$_] = length $line->[$_] if !$width[$_] || $width[$_] < length $line->[$_];
		}
	}
	print "\n$title\n\n";
	for my $line (@lines) {
		print '  ', join('  ', map { sprintf $_ ? "%$width[$_]s" : "%-$width[$_]s", $line->[$_] } 0 .. $#$line), "\n";
	}
	mkdir $_ for $build, tsv_directory();
	spew(tsv_directory() . "/$name.tsv", join '', map { join("\t", @$_) . "\n" } @lines);
}

# The rows of a table that was written, now or by an earlier run, as hashes; none where
# there is no such table.
sub rows_of {
	my ($name) = @_;
	my $path = tsv_directory() . "/$name.tsv";
	return () if !-e $path;
	my ($head, @lines) = map { [split /\t/, $_, -1] } split /\n/, slurp($path);
	return map { my %row; @row{@$head} = @$_; \%row } @lines;
}

1;
