# The command line of smtp-send -q: what is wrong with it is a line and the synopsis, 64; and
# what a run needs of the mail root.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use QueueTest;
use SendTest;

my $root = new_root('alice@example.org');
my @server = ('--', 'true');

for ([ 'no server', '-q', '-d', $root ], [ 'two servers', '-q', '-S', 'localhost', @server ], [ 'no command', '-q', '--' ],
    [ 'a recipient', '-q', 'bob@example.com', @server ], (map { [ "a message's -$_->[0]", '-q', "-$_->[0]", @$_[1 .. $#$_], @server ] }
    [ 'A', '/dev/null' ], [ 'f', 'a@example.org' ], [ 'N', 'never' ], [ 'R', 'full' ], [ 's', 'x' ], [ 't' ]),
    [ '-j without -q', '-j', 1, 'bob@example.com', @server ], [ '-D without -q', '-D', 'example.com', 'bob@example.com', @server ],
    [ '-j 0', '-q', '-j', 0, @server ], [ '-j 101', '-q', '-j', 101, @server ], [ '-j of no number', '-q', '-j', 'x', @server ],
    [ '-D of nothing', '-q', '-D', '', @server ], [ '-D of an address', '-q', '-D', 'bob@example.com', @server ],
    [ '-w without -u', '-q', '-w', '/dev/null', @server ]) {
	my ($name, @arguments) = @$_;
	my ($status, $said) = smtp_send('', \@arguments);
	is($status, 64, "$name: 64");
	like($said, qr/\A[^\n]+\nusage: smtp-send (?:[^\n]+\n)+\z/, "$name: a line that says what, and the synopsis") or diag($said);
}

# The mail root
my ($status, $log) = run_queue('/nowhere', @server);
is($status, 75, 'no mail root: 75');
like($log, qr/\A\S+: queue reason=[^\n]*\n\z/, 'and a line') or diag($log);
($status, $log) = run_queue($root, @server);
is("$status $log", '0 ', 'no queue: nothing to do');
is(-e "$root/outgoing" ? 'yes' : 'no', 'no', 'and none is made');
my $id = enqueue($root, to => [ 'bob@example.com' ]);
unlink "$root/outgoing/message/$id";
($status, $log) = run_queue($root, @server);
is($status, 0, 'an envelope without a message is nothing to send') or diag($log);
# Some supervisors ignore SIGCHLD: what became of a process is seen nevertheless
my $alone = new_root('alice@example.org');
enqueue($alone, to => [ 'bob@example.com' ]);
(undef, $status, $log) = with_errors('', [ $^X, '-e', '$SIG{CHLD} = "IGNORE"; exec @ARGV', program('smtp-send'), '-q', '-d', $alone, '--', 'false' ], limit => 60);
is($status, 75, 'SIGCHLD is ignored: 75 where there is no server') or diag($log);

SKIP: {
	skip 'needs root: somebody else', 2 if $> != 0;
	my $copy = new_file('smtp-send');
	my $directory = $copy =~ s{/[^/]*\z}{}r;
	system('cp', program('smtp-send'), $copy) == 0 or die "cp: $?\n";
	chmod 0755, $directory, $copy;
	(undef, $status, $log) = with_errors('', [ 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', $copy, '-q', '-d', $root, @server ]);
	is($status, 77, 'it is for its owner');
	like($log, qr/\A\S+: queue reason=[^\n]*\n\z/, 'and a line') or diag($log);
}
# Root becomes the owner
SKIP: {
	skip 'needs root', 3 if $> != 0;
	my $far = new_root('bob@example.com');
	enqueue($root, to => [ 'bob@example.com' ]);
	system('chown', '-R', '65534:65534', $root) == 0 or die "chown: $?\n";
	my $trail = own_file('');
	chmod 0666, $trail;
	chmod 0711, $trail =~ s{/[^/]*\z}{}r, $trail =~ s{/[^/]*/[^/]*\z}{}r, $root =~ s{/[^/]*\z}{}r;
	($status, $log) = run_queue($root, '--', 'sh', '-c', "id -u >'$trail'");
	is(contents($trail), "65534\n", 'root becomes the owner, also for the command');
	is($status, 75, 'which says nothing');
	like($log, qr/unreachable/, 'and so there is no server');
}
done_testing;
