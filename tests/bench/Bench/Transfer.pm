# One large message, in by DATA and out by RETR, against cat with and without a sync; and
# what time and memory do as messages grow.
package Bench::Transfer;

use strict;
use warnings;
use Bench::Measure;
use Bench::Session qw(mailfront pop3_steps smtp_steps);
use Exporter qw(import);
use PeerTest qw(give_away run slurp spew unprivileged);

our @EXPORT = qw(by_size transfer);

# Mail roots that take and that give a message; all of what was taken goes again.
sub taker {
	my $root = new_root(1);
	return ($root, sub { unlink glob account_in($root) . '/new/*'; unlink glob work() . '/mailfront/new/*' });
}

# A mailbox with a message of so many octets, and its file.
sub giver {
	my ($octets) = @_;
	my $root = new_root(1);
	my $lines = message_lines($octets);
	$lines =~ s/\r\n/\n/g;
	$lines = substr $lines, 0, -2;
	# As smtp-stdio names it, and where no peer moves it, or marks it as seen
	my $file = sprintf '%s/cur/1700000000.1.mail.example.com,S=%d,W=%d:2,S', account_in($root), length $lines, length($lines) + $lines =~ tr/\n//;
	spew($file, $lines);
	give_away($file);
	return ($root, $file);
}

sub transfer {
	my $octets = choose(100, 10) * 1048576;
	my $message = message_lines($octets);
	my ($in, $forget) = taker();
	my ($out, $file) = giver($octets);
	my $path = spew(work() . '/message', $message);
	my @in = smtp_steps(\$path);
	my @out = pop3_steps();
	my $drain = script('', 'end');
	my $copy = script(\$path, 'end');
	my @rows;
	for my $direction ('in', 'out') {
		my @all;
		for my $wire ('pipe', 'tcp') {
			push @all, $direction eq 'in' ? (
				{ name => "cat with sync, $wire", wire => $wire, script => $copy, command => [floor_program('glibc'), 'sync', work() . '/copy'] },
				(map { +{ name => "smtp-stdio, $_, $wire", wire => $wire, script => script(@in),
					command => [ours($_, 'smtp-stdio'), '-m', '1g', '-d', $in] } } builds()),
				(map { +{ %$_, name => "$_->{name}, $wire", wire => $wire, script => script(@in), peer => 1 } } mailfront()),
			) : (
				{ name => "cat, $wire", wire => $wire, script => $drain, command => ['cat', $file] },
				(map { +{ name => "pop3-stdio, $_, $wire", wire => $wire, script => script(@out),
					command => [ours($_, 'pop3-stdio'), '-p', '-d', $out] } } builds()),
				(map { +{ name => "mailfront pop3front, $wire", wire => $wire, peer => 1,
					script => script(@out[0, 1], @out[6 .. $#out]), command => ['pop3front-maildir', account_in($out)] } }
					needs('pop3front-maildir', 'mailfront', '100 MiB out') ? 1 : ()),
			);
		}
		my $found = converse(choose(5, 1), contestants => \@all, after => $forget);
		my $memory = converse(1, contestants => [grep { $_->{name} !~ /^cat\b/ } @all], after => $forget, memory => 1);
		my %rate = map { $_->{name} => $octets / 1e6 / (median(@{$found->{$_->{name}}{wall}}) / 1e6) } @all;
		for (@all) {
			my ($wire) = $_->{name} =~ /(\w+)\z/;
			my $yardstick = $rate{($direction eq 'in' ? 'cat with sync' : 'cat') . ", $wire"};
			my $best = maximum(map { $rate{$_->{name}} } grep { $_->{peer} && $_->{name} =~ /\b$wire\z/ } @all);
			keep("$direction $_->{name}", $rate{$_->{name}} / $yardstick);
			push @rows, [$direction, $_->{name}, sprintf('%.0f', $rate{$_->{name}}),
				spread(map { $octets / $_ } @{$found->{$_->{name}}{wall}}), sprintf('%.3f', median(@{$found->{$_->{name}}{cpu}}) / 1e6),
				$memory->{$_->{name}} ? $memory->{$_->{name}}{memory}[0] : undef,
				sprintf('%.2f', $rate{$_->{name}} / $yardstick), $best ? sprintf('%.2f', $rate{$_->{name}} / $best) : undef];
		}
	}
	table('transfer', sprintf('One message of %d MiB, with a sync before its 250', $octets / 1048576),
		['way', 'program', 'MB/s', 'p10-p90', 'CPU s', 'peak KiB', 'x cat', 'x best peer'], @rows);
}

sub by_size {
	my @rows;
	my ($in, $forget) = taker();
	for my $kib (1, 16, 256, 4096, choose(65536, 8192)) {
		my ($out) = giver($kib * 1024);
		my $path = spew(work() . '/message', message_lines($kib * 1024));
		for my $libc (builds()) {
			my @all = (
				{ name => 'in', script => script(smtp_steps(\$path)), command => [ours($libc, 'smtp-stdio'), '-m', '1g', '-d', $in] },
				{ name => 'out', script => script(pop3_steps()), command => [ours($libc, 'pop3-stdio'), '-p', '-d', $out] });
			my $found = converse(choose(9, 1), contestants => \@all);
			my $memory = converse(1, contestants => \@all, memory => 1);
			$forget->();
			push @rows, [$libc, $kib, map { (sprintf('%.2f', median(@{$found->{$_}{wall}}) / 1000), $memory->{$_}{memory}[0]) } 'in', 'out'];
		}
		run([unprivileged(), 'rm', '-rf', $out]);
	}
	table('by-size', 'Sessions by the size of their message', ['build', 'KiB', 'in ms', 'in peak KiB', 'out ms', 'out peak KiB'],
		sort { $a->[0] cmp $b->[0] || $a->[1] <=> $b->[1] } @rows);
}

1;
