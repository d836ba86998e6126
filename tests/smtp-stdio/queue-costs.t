# What a run of the queue costs: one that has nothing to do reads a directory, and many
# messages take no memory.  tests/measure-queue has more of it.
use strict;
use warnings;
use lib 'tests/lib';
use Backlog;
use MailTest;
use QueueTest;
use SendTest;

need_plain_build();
need('strace', 'strace');

my ($root, $far) = (new_root('alice@example.org'), new_root('bob@example.com'));
fill_queue($root, 20);
make_due($root, -1000);
my $trace = own_file('');
my (undef, $status) = run('', [ 'strace', '-f', '-o', $trace, program('smtp-send'), '-q', '-d', $root, '-u', 'x', '-w', '/nowhere', '-S', '127.0.0.1:1' ]);
my $calls = contents($trace);
is($status, 0, 'nothing is due: 0');
unlike($calls, qr/^\d+ +(?:socket|connect|v?fork|clone3?)\(/m, 'no connection, and no process'); ## smtp-send-queue-g
unlike($calls, qr{^\d+ +open(?:at)?\([^\n"]*"(?:[^\n"]*/)?(?:nowhere|[0-9a-f]{21})"}m, 'no entry is opened, nor the password'); ## smtp-send-queue-g
is(scalar(() = $calls =~ /^\d+ +getdents/mg), 2, 'the directory is read once, to its end');
my @shown = Program::of_process($$, 'smaps_rollup') =~ /^Pss:/m;

# Very many that are not due.  It takes some milliseconds; the limit leaves room for a busy
# machine.
fill_queue($root, 10_000);
make_due($root, -1000);
my $idle = measured_run('-d', $root, '-S', '127.0.0.1:1');
is($idle->{status}, 0, '10 000 that are not due: 0');
cmp_ok($idle->{seconds}, '<', 5, sprintf '%.3f seconds', $idle->{seconds});

# Some hundred that are sent
$root = new_root('alice@example.org');
fill_queue($root, 300);
my $run = measured_run('-d', $root, '-j', 2, smarthost($far));
is($run->{status}, 0, '300 are sent: 0');
is(scalar messages($far, 'bob@example.com'), 300, 'all of them');
SKIP: {
	skip 'the memory of a process cannot be seen', 1 if !@shown;
	cmp_ok($run->{kib}, '<', 4096, "in a little memory, $run->{kib} KiB"); ## smtp-send-queue-memory
}

# A large one: its octets are passed on, and are never all in memory
enqueue($root, to => [ 'bob@example.com' ], message => "Subject: large\n\n" . ('x' x 75 . "\n") x 400_000);
$run = measured_run('-d', $root, smarthost($far));
is($run->{status}, 0, '30 MB are sent: 0');
SKIP: {
	skip 'the memory of a process cannot be seen', 1 if !@shown;
	cmp_ok($run->{kib}, '<', 4096, "in a little memory, $run->{kib} KiB"); ## smtp-send-queue-memory
}
done_testing;
