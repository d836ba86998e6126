# What the programs are meant to reach, and whether the numbers of this run do.
package Bench::Goals;

use strict;
use warnings;
use Bench::Measure;
use Bench::Rates qw(supervisor_names);
use Exporter qw(import);

our @EXPORT = qw(goals);

# Each: what, limit, `<` or `>`, the figure (undef: not measured in this run), its format.
sub list {
	my @list;
	my $add = sub { push @list, [@_] };
	my $ratio = sub { my ($of, $to) = @_; defined $of && $to ? $of / $to : undef };
	my $durable = kept('smtp-session floor');
	my $true = kept('pop3-session floor');

	for (['glibc', 1.25], ['musl', 0.95]) {
		my ($libc, $limit) = @$_;
		$add->("SMTP session, $libc, batch: x true with a durable file (glibc)", $limit, '<', $ratio->(kept("smtp-stdio, $libc, pipe, batch wall"), $durable));
		$add->("SMTP session, $libc, one by one: the same", $limit, '<', $ratio->(kept("smtp-stdio, $libc, pipe, one by one wall"), $durable));
	}
	for my $libc ('glibc', 'musl') {
		$add->("SMTP session, $libc: million user instructions", 0.20, '<', kept("smtp-stdio, $libc, pipe, batch instructions"));
		$add->("SMTP session, $libc: system calls", 60, '<', kept("smtp-stdio, $libc, pipe, batch calls"));
		$add->("POP3 session, $libc: x true (glibc)", 1.9, '<', $ratio->(kept("pop3-stdio, $libc, pipe, batch wall"), $true));
		$add->("POP3 session over TCP, $libc, one by one: ms, no stall of 40", 40, '<', $ratio->(kept("pop3-stdio, $libc, tcp, one by one wall"), 1000));
	}
	for my $libc ('glibc', 'musl') {
		for my $connections (1, 10, 100) {
			for my $supervisor (supervisor_names()) {
				my $found = kept("rate smtp-stdio, $libc $supervisor $connections") || {};
				$add->("messages a second, $libc, $supervisor, $connections: x mailfront", 1.3, '>', $ratio->($found->{rate}, $found->{peer}));
				$add->("messages a second, $libc, $supervisor, $connections: x best daemon", 1, '>', $ratio->($found->{rate}, kept("daemon $connections")));
			}
		}
	}
	for my $libc ('glibc', 'musl') {
		for my $wire ('pipe', 'tcp') {
			$add->("100 MiB in, $libc, $wire: x cat with sync", 0.6, '>', kept("in smtp-stdio, $libc, $wire"));
			$add->("100 MiB out, $libc, $wire: x cat", 0.9, '>', kept("out pop3-stdio, $libc, $wire"));
		}
		my $drop = kept("pop3-stdio, $libc 100000") || {};
		my $limit = ($drop->{pass} || 0) * 2 + 20;
		$add->("100k messages, $libc: ms of login and STAT, at most twice readdir and 20", $limit, '<', $drop->{login});
		$add->("100k messages, $libc: ms of LIST", $limit, '<', $drop->{LIST});
		$add->("100k messages, $libc: ms of UIDL", $limit, '<', $drop->{UIDL});
		$add->("100k messages, $libc: peak MiB", 8, '<', $ratio->($drop->{KiB}, 1024));
	}
	for (['glibc', 96, 900], ['musl', 64, 150]) {
		my ($libc, $idle, $size) = @$_;
		$add->("idle SMTP session, $libc: KiB", $idle, '<', kept("smtp-stdio, $libc PSS 100"));
		$add->("idle POP3 session before login, $libc: KiB", 2 * $idle, '<', kept("pop3-stdio before login, $libc PSS 100"));
		$add->("$_, $libc, stripped: KiB", $size, '<', kept("$_, $libc size")) for 'smtp-stdio', 'pop3-stdio';
	}
	return @list;
}

sub goals {
	my @rows = map {
		my ($what, $limit, $way, $figure) = @$_;
		my $reached = defined $figure && ($way eq '<' ? $figure <= $limit : $figure >= $limit);
		[$what, ($way eq '<' ? 'at most ' : 'at least ') . sprintf('%.4g', $limit), sprintf('%.3g', $figure), $reached ? 'reached' : 'not reached'];
	} grep { defined $_->[3] } list();
	table('goals', 'Goals', ['what', 'goal', 'measured', ''], @rows) if @rows;
}

1;
