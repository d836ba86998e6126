# A queue of very many messages, and what runs of smtp-send -q cost in which all of them are
# sent, and in which nothing is due.
package Backlog;

use strict;
use warnings;
use Exporter qw(import);
use MailRoot qw(add_account program);
use POSIX qw(:sys_wait_h _exit);
use Program;
use QueueTest;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(fill_queue measured_run);

# Lays so many messages for one recipient each into the queue of a mail root.
sub fill_queue {
	my ($root, $count) = @_;
	enqueue($root, to => [ "bob\@example.com" ], message => letter($_)) for 1 .. $count;
}

# Runs smtp-send -q with these arguments.  A hash:
#   status    that it ended with
#   seconds   that it took
#   kib       peak of resident memory, of it and of those that talk to the server together,
#             as far as it was seen: 0 where it was too short
sub measured_run {
	my (@arguments) = @_;
	my @command = (program('smtp-send'), '-q', @arguments);    # by $BUILD, which is no part of a clean environment
	my $started = time;
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	if (!$pid) {
		open STDERR, '>', '/dev/null';
		%ENV = Program::clean_environment();
		exec @command or _exit(127);
	}
	my $kib = 0;
	while (waitpid($pid, WNOHANG) == 0) {
		my $now = 0;
		for my $one ($pid, split ' ', Program::of_process($pid, "task/$pid/children")) {
			next if (readlink "/proc/$one/exe" || '') !~ m{/smtp-send\z};
			my ($own) = Program::of_process($one, 'smaps_rollup') =~ /^Pss:\s+(\d+) kB/m;
			$now += $own || 0;
		}
		$kib = $now if $now > $kib;
		sleep 0.002;
	}
	return { status => $? & 127 ? 'signal ' . ($? & 127) : $? >> 8, seconds => time - $started, kib => $kib };
}

1;
