# Maildrops of very many messages, against one pass of readdir(3) over the same directories.
package Bench::Maildrops;

use strict;
use warnings;
use Bench::Measure;
use Exporter qw(import);
use Maildrop qw(fill_maildrop);
use PeerTest qw(give_away run unprivileged);

our @EXPORT = qw(maildrops);

sub maildrops {
	my @rows;
	my $list = script('', 'end');
	my @steps = ('', 'line', "USER bob\@example.com\r\n", 'line', "PASS secret\r\n", 'line', "STAT\r\n", 'line',
		"LIST\r\n", 'dot', "UIDL\r\n", 'dot', "QUIT\r\n", 'end');
	for my $count (choose([1000, 10_000, 100_000, 1_000_000], [1000, 10_000])->@*) {
		my $root = new_root(1);
		my $maildir = account_in($root);
		fill_maildrop($maildir, $count);
		give_away($maildir);
		my @contestants = (
			{ name => 'readdir', script => $list, command => [floor_program('glibc'), 'list', "$maildir/new", "$maildir/cur"] },
			(map { +{ name => "pop3-stdio, $_", script => script(@steps), login => 4,
				command => [ours($_, 'pop3-stdio'), '-p', '-d', $root] } } builds()),
			needs('pop3front-maildir', 'mailfront', 'maildrops') ?
				{ name => 'mailfront pop3front (no login)', script => script(@steps[0, 1, 6 .. $#steps]), login => 2, peer => 1,
					command => ['pop3front-maildir', $maildir] } : (),
		);
		# mailfront moves what is new when it ends, which is so for all from then on
		@contestants = grep { !$_->{peer} || serves($_, $count) } @contestants;
		my $rounds = choose($count > 100_000 ? 3 : 9, 1);
		my $found = converse($rounds, contestants => \@contestants);
		my $memory = converse(1, contestants => [@contestants[1 .. $#contestants]], memory => 1);
		my $pass = median(@{$found->{readdir}{wall}}) / 1000;
		my ($best) = map { median(logins($found->{$_->{name}}, $_->{login})) } grep { $_->{peer} } @contestants;
		for (@contestants) {
			my $cost = $found->{$_->{name}};
			if (!$_->{login}) {
				push @rows, [$count, $_->{name}, sprintf('%.2f', $pass), (undef) x 4, 1];
				next;
			}
			my $login = median(logins($cost, $_->{login}));
			my ($of_list, $of_uidl) = map { median(@{$cost->{steps}[$_]}) / 1000 } $_->{login}, $_->{login} + 1;
			my $kib = $memory->{$_->{name}}{memory}[0];
			keep("$_->{name} $count", { login => $login, LIST => $of_list, UIDL => $of_uidl, KiB => $kib, pass => $pass });
			push @rows, [$count, $_->{name}, map({ sprintf '%.2f', $_ } $login, $of_list, $of_uidl), $kib,
				$best ? sprintf('%.2f', $login / $best) : undef, sprintf('%.2f', $login / $pass)];
		}
		run([unprivileged(), 'rm', '-rf', $root], seconds => 600);
	}
	table('maildrops', 'Maildrops by how many messages they have, names with sizes (ms; pipes; cached)',
		['messages', 'program', 'login, STAT', 'LIST', 'UIDL', 'peak KiB', 'x peer', 'x readdir'], @rows);
}

# True where a peer can open the maildrop at all.
sub serves {
	my ($peer, $count) = @_;
	my ($status) = run([unprivileged(), @{$peer->{command}}], input => "QUIT\r\n", seconds => 600);
	return 1 if defined $status && $status == 0;
	without("a maildrop of $count messages with $peer->{name}: it crashes");
	return 0;
}

# Milliseconds from the start to the end of the login and STAT, of each round.
sub logins {
	my ($cost, $steps) = @_;
	my @sums;
	for my $round (0 .. $#{$cost->{steps}[0]}) {
		my $sum = 0;
		$sum += $cost->{steps}[$_][$round] for 0 .. $steps - 1;
		push @sums, $sum / 1000;
	}
	return @sums;
}

1;
