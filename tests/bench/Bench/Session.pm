# The spawn floor, and one session of each protocol on pipes and over TCP: time, processor
# time, system calls, instructions, and memory.
package Bench::Session;

use strict;
use warnings;
use Bench::Measure;
use Exporter qw(import);
use Maildrop qw(fill_maildrop);
use PeerTest qw(give_away run scratch_dir slurp unprivileged);

our @EXPORT = qw(floors mailfront pop3_session pop3_steps smtp_session smtp_steps spawn_floor);

# What an empty program, and one durable file, cost.  For each C library.
sub floors {
	my $directory = work() . '/floor';
	mkdir $_ for $directory, "$directory/tmp", "$directory/new";
	give_away($directory);
	my $script = script('', 'end');
	return map {
		my $floor = floor_program($_);
		+{ name => "true, $_", script => $script, command => [$floor], floor => 1 },
		+{ name => "durable file, $_", script => $script, command => [$floor, 'durable', $directory], floor => 1 };
	} builds();
}

sub smtp_steps {
	my ($message) = @_;
	return ('', 'reply', "EHLO client.example\r\n", 'reply', "MAIL FROM:<alice\@example.org>\r\n", 'reply',
		"RCPT TO:<bob\@example.com>\r\n", 'reply', "DATA\r\n", 'reply', $message, 'reply', "QUIT\r\n", 'end');
}

sub pop3_steps {
	return ('', 'line', "USER bob\@example.com\r\n", 'line', "PASS secret\r\n", 'line', "STAT\r\n", 'line',
		"LIST\r\n", 'dot', "RETR 1\r\n", 'dot', "QUIT\r\n", 'end');
}

# The small peer with the same durability, as a contestant without a script.
sub mailfront {
	return () if !needs('mailfront', 'mailfront', 'one SMTP session, messages a second, 100 MiB');
	my $queue = work() . '/mailfront';
	mkdir $_ for $queue, "$queue/tmp", "$queue/new";
	give_away($queue);
	return { name => 'mailfront queuedir', environment => ["QUEUEDIR=$queue"],
		command => ['mailfront', 'smtp', 'queuedir', 'accept'] };
}

sub spawn_floor {
	my @floors = floors();
	my $found = converse(choose(301, 11), contestants => \@floors);
	my $base = median(@{$found->{'true, glibc'}{wall}});
	table('spawn', 'The floor: start and end of a static program, and with one durable file of 2 KiB',
		['program', 'wall us', 'p10-p90', 'CPU us', 'x true, glibc'],
		map {
			my $cost = $found->{$_->{name}};
			my $wall = median(@{$cost->{wall}});
			[$_->{name}, sprintf('%.0f', $wall), spread(@{$cost->{wall}}), sprintf('%.0f', median(@{$cost->{cpu}})),
				sprintf '%.2f', $wall / $base];
		} @floors);
}

# System calls of one run, all of its processes counted.
sub system_calls {
	my ($contestant, $input) = @_;
	return undef if !needs('strace', 'strace', 'system calls');
	my (undef, undef, $error) = run([unprivileged(), 'strace', '-c', '-f', (map { ('-E', $_) } @{$contestant->{environment} || []}),
		@{$contestant->{command}}], input => $input);
	my ($calls) = $error =~ /^\s*100\.00\s+\S+\s+\S+\s+(\d+).*total$/m;
	return $calls;
}

# User instructions of one run, in millions.
sub instructions {
	my ($contestant, $input) = @_;
	return undef if !needs('valgrind', 'valgrind', 'instructions');
	my (undef, undef, $error) = run([unprivileged(), 'valgrind', '--tool=callgrind', '--trace-children=yes', '--callgrind-out-file=/dev/null',
		@{$contestant->{command}}], input => $input, env => { map { split /=/, $_, 2 } @{$contestant->{environment} || []} });
	my $sum = 0;
	$sum += $1 while $error =~ /Collected : (\d+)/g;
	return $sum ? $sum / 1e6 : undef;
}

# Each contestant with all commands in one write, and one by one, on pipes and over TCP.
sub session_table {
	my ($name, $title, $rounds, $base, $steps, @contestants) = @_;
	my $input = join '', @$steps[grep { $_ % 2 == 0 } 0 .. $#$steps];
	my %script = (batch => script($input, 'end'), 'one by one' => script(@$steps));
	my @runs = map {
		my $contestant = $_;
		map {
			my $wire = $_;
			map { +{ %$contestant, wire => $wire, script => $script{$_}, of => $contestant,
				name => "$contestant->{name}, $wire, $_" } } 'batch', 'one by one';
		} 'pipe', 'tcp';
	} @contestants;
	my $all = [floors(), @runs];
	my $found = converse($rounds, contestants => $all);
	my $memory = converse(3, contestants => [grep { $_->{of} && $_->{name} =~ /pipe, one by one/ } @runs], memory => 1);
	my $floor = median(@{$found->{$base}{wall}});
	my $busy = median(@{$found->{$base}{cpu}});
	keep("$name floor", $floor);
	my ($calls, $instructions, %best);
	for my $run (grep { $_->{of}{peer} } @runs) {
		my ($kind) = $run->{name} =~ /, (\w+, [\w ]+)\z/;
		$best{$kind} = minimum($best{$kind}, median(@{$found->{$run->{name}}{wall}}));
	}
	table($name, "$title (x floor: $base, " . sprintf('%.0f us)', $floor),
		['program', 'wall us', 'p10-p90', 'CPU us', 'peak KiB', 'calls', 'M instr.', 'x floor', 'x its CPU', 'x best peer'],
		map {
			my $run = $_;
			my $cost = $found->{$run->{name}};
			my $wall = median(@{$cost->{wall}});
			my ($kind) = $run->{name} =~ /, (\w+, [\w ]+)\z/;
			my $once = $run->{of} && $kind eq 'pipe, batch';
			($calls, $instructions) = $once ? (system_calls($run->{of}, $input), instructions($run->{of}, $input)) : ();
			keep("$run->{name} wall", $wall);
			keep("$run->{name} calls", $calls);
			keep("$run->{name} instructions", $instructions);
			[$run->{name}, sprintf('%.0f', $wall), spread(@{$cost->{wall}}), sprintf('%.0f', median(@{$cost->{cpu}})),
				$memory->{$run->{name}} ? median(@{$memory->{$run->{name}}{memory}}) : undef, $calls,
				defined $instructions ? sprintf('%.2f', $instructions) : undef,
				sprintf('%.2f', $wall / $floor), sprintf('%.2f', median(@{$cost->{cpu}}) / $busy), $kind && $best{$kind} ? sprintf('%.2f', $wall / $best{$kind}) : undef];
		} @$all);
}

sub smtp_session {
	my $root = new_root(1);
	my @ours = map { +{ name => "smtp-stdio, $_", command => [ours($_, 'smtp-stdio'), '-d', $root, '-h', 'mail.example.com'] } } builds();
	session_table('smtp-session', 'One SMTP session: EHLO MAIL RCPT DATA (2 KiB) QUIT, durable before its 250', choose(101, 5),
		'durable file, glibc', [smtp_steps(message_lines(2048))], @ours, map { +{ %$_, peer => 1 } } mailfront());
}

sub pop3_session {
	my $root = new_root(1);
	fill_maildrop(account_in($root), 5);
	give_away(account_in($root));
	my @ours = map { +{ name => "pop3-stdio, $_", command => [ours($_, 'pop3-stdio'), '-p', '-d', $root, '-h', 'mail.example.com'] } } builds();
	my @peers;
	if (needs('pop3front-maildir', 'mailfront', 'one POP3 session')) {
		@peers = { name => 'mailfront pop3front (no login)', peer => 1, command => ['pop3front-maildir', account_in($root)] };
	}
	session_table('pop3-session', 'One POP3 session: USER PASS STAT LIST RETR QUIT, five messages, a verifier of one iteration',
		choose(101, 5), 'true, glibc', [pop3_steps()], @ours, @peers);
}

1;
