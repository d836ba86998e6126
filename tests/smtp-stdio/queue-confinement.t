# What somebody reaches who has taken over the process of smtp-send -q that talks to the
# smarthost: the queue, but no mailbox, no password, no other file, connection or program.
use strict;
use warnings;
use lib 'tests/lib';
use Fcntl qw(O_CREAT O_RDONLY O_RDWR O_WRONLY);
use InsideTest;
use MailTest;
use QueueTest;
use SendTest qw(own_file);

needs_inside();
my $password = join '', map { chr(97 + rand 26) } 1 .. 20;

# A file that everybody may read and write, where this is not confined.
sub own_file_for_all {
	my $path = own_file(@_);
	chmod 0711, $path =~ s{/[^/]*\z}{}r, $path =~ s{/[^/]*/[^/]*\z}{}r;
	chmod 0666, $path;
	return $path;
}

for my $owner (owners()) {
	my $root = new_root([ 'alice@example.org', 'secret' ]);
	deliver($root, 'alice@example.org', "Subject: stored\n\nfor alice\n");
	enqueue($root, to => [ 'bob@example.com' ], message => letter($_)) for 1 .. 2;
	# Where it is not confined these calls do what they say: so the files are the test's own.
	my ($log, $secret, $outside) = map { own_file_for_all($_) } '', "$password\n", "not of the mail root\n";
	symlink $outside, "$root/mail/.incoming/link" or die "symlink: $!\n";
	owned_by($owner, $root);
	my $server = new_file('server');
	system('cp', 'tests/odd-smtp-server', $server) == 0 or die "cp: $?\n";
	chmod 0711, $server =~ s{/[^/]*\z}{}r;
	chmod 0755, $server;
	my $run = Program->start(limit => 60, command => [ program('smtp-send'), '-q', '-d', $root, '-u', 'relay', '-w', $secret,
	    '--', $^X, $server, '-l', $log, '-k', 'AUTH PLAIN', 'MAIL={silence}' ]);
	ok(wait_until { contents($log) =~ /^MAIL/m }, 'a session goes on') or diag(contents($log));
	my $worker = child_of($run->{pid});
	my $inside = take_over($worker);
	my $as = "user $owner";

	my ($stored) = messages($root, 'alice@example.org');
	refused_files($inside, "$as, what has been delivered, and passwords", $stored, "$root/passwords/example.org/alice", $secret);
	refused_files($inside, "$as, other files", $outside, '/proc/self/mem', "/proc/$run->{pid}/mem", "$root/mail/.incoming/link");
	is(contents($outside), "not of the mail root\n", "$as, which are as they were");
	refused_system($inside, name => $as);
	my ($first, $second) = queue_ids($root);
	succeeds($inside, "$as: the queue can be read", 'openat', $AT_FDCWD, \"$root/outgoing/message/$second", O_RDONLY, 0);
	my $made = "$root/mail/example.org/alice/new/x";
	is_refused($inside, "$as: a file that is made in a mailbox stays empty", $EACCES, 'openat', $AT_FDCWD, \$made, O_WRONLY | O_CREAT, 0600);
	unlink $made;
	is_refused($inside, "$as: no forward is made", $EACCES, 'openat', $AT_FDCWD, \"$root/accounts/example.org/alice/forward", O_WRONLY | O_CREAT, 0600);
	for my $to ("$root/outgoing/message/x", "$root/mail/.incoming/x") {
		is_refused($inside, "$as: what has been delivered does not come to where it could be read", [ $EACCES, $EXDEV ], @$_)
		    for [ 'linkat', $AT_FDCWD, \$stored, $AT_FDCWD, \$to, 0 ], [ 'rename', \$stored, \$to ];
	}
	ok(!in_memory($worker, $password), "$as: the password is not there any more"); ## smtp-send-queue-password
	ok(in_memory($run->{pid}, $password), "$as: but with the process that has begun it");
	$inside->release;
	$run->signal('TERM');
	is($run->status, 75, "$as: a request to stop ends both");
	is(join(' ', map { envelope($root, $_) =~ /^to (\d+)/m } queue_ids($root)), '0 0', "$as: and nothing has changed");
}
done_testing;
