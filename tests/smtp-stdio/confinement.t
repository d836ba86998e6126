# What somebody reaches who has taken over a process that serves a client: nothing that has
# been delivered, no password beyond what a login reads, no other file, process or connection.
use strict;
use warnings;
use lib 'tests/lib';
use Fcntl qw(O_RDONLY O_WRONLY O_RDWR O_CREAT O_DIRECTORY);
use InsideTest;
use MailTest;
use Queue;
use SmtpAuth qw(greeted);

needs_inside();
my ($bob, $alice) = ('bob@example.com', 'alice@example.com');

# A session that puts a message into the queue for other hosts.
sub queue_a_message {
	my ($root) = @_;
	my $client = greeted($root, [ '-p' ]);
	$client->ask($_) for "MAIL FROM:<$bob>", "RCPT TO:<far\@example.com>", 'DATA';
	$client->send("Subject: queued\r\n.\r\n");
	like($client->reply, qr/^250/, 'a message is queued');
	$client->ask('QUIT');
	$client->status;
}

# A message on its way, so that there is a file in .incoming/.
sub begin_message {
	my ($client) = @_;
	$client->ask($_) for 'MAIL FROM:<sender@client.example>', "RCPT TO:<$bob>";
	like($client->ask('DATA'), qr/^354/, 'a message begins');
	$client->send("Subject: on its way\r\n");
}

sub put_file {
	my ($path, $octets) = @_;
	open my $file, '>', $path or die "$path: $!\n";
	print $file $octets;
	close $file or die "$path: $!\n";
}

for my $owner (owners()) {
	my $root = new_root([ $bob, 'secret' ], $alice, 'far@example.com');
	put_file("$root/accounts/example.com/far/forward", "x\@elsewhere.example\n");
	deliver($root, $_, "Subject: stored\n\nfor $_\n") for $bob, $alice;
	my $outside = new_file('outside');
	put_file($outside, "not in the mail root\n");
	symlink $outside, "$root/mail/.incoming/link" or die "symlink: $!\n";
	queue_a_message($root);
	owned_by($owner, $_) for $outside, $root;
	my ($entry) = queued($root);
	my ($queued, $envelope) = map { "$root/outgoing/$_/$entry->{id}" } 'message', 'envelope';
	my ($stored) = messages($root, $bob);
	my ($hers) = messages($root, $alice);
	my $client = greeted($root, [ '-p' ], wire => 'socket');
	begin_message($client);
	my $arriving;
	wait_until { ($arriving) = grep { -f && !-l } glob "$root/mail/.incoming/*" };
	my $inside = take_over($client->{pid});
	my $as = "user $owner";

	refused_files($inside, "$as, a stored message", $stored);
	refused_files($inside, "$as, a message for another host", $queued, $envelope);
	refused_files($inside, "$as, other files", $outside, '/etc/passwd', '/proc/self/mem', "/proc/$$/mem", '/dev/null',
	    "$root/mail/.incoming/link");
	refused_system($inside, name => $as);
	my $made = "$root/mail/example.com/bob/new/x";
	is_refused($inside, "$as: a file that is made in a mailbox stays empty", $EACCES, 'openat', $AT_FDCWD,
	    \$made, O_WRONLY | O_CREAT, 0600);
	succeeds($inside, "$as: and can be removed", 'unlink', \$made);
	is_refused($inside, "$as: no file is made beside accounts", $EACCES, 'openat', $AT_FDCWD,
	    \"$root/accounts/example.com/bob/forward", O_WRONLY | O_CREAT, 0600);

	# What a login reads, it reads only.
	my $password = "$root/passwords/example.com/bob";
	my $open = succeeds($inside, "$as: a login may read a password", 'openat', $AT_FDCWD, \$password, O_RDONLY, 0);
	is_refused($inside, "$as: and not open it to others", Errno::EPERM(), 'fchmod', $open, 0644);
	is_refused($inside, "$as: nor write it", $EACCES, 'openat', $AT_FDCWD, \$password, O_RDWR, 0);
	is_refused($inside, "$as: nor empty it", Errno::EPERM(), 'openat', $AT_FDCWD, \$password, O_RDONLY | 01000, 0);
	is_refused($inside, "$as: nor remove it", $EACCES, 'unlink', \$password);
	is_refused($inside, "$as: nor put another there", [ $EACCES, $EXDEV ], 'rename', \$arriving, \$password);
	my $mailbox = succeeds($inside, "$as: a mailbox can be listed", 'openat', $AT_FDCWD,
	    \"$root/mail/example.com/bob/new", O_RDONLY | O_DIRECTORY, 0);
	is_refused($inside, "$as: and not opened to others", Errno::EPERM(), 'fchmod', $mailbox, 0755);

	# What has been delivered cannot come to where it could be read.
	my $incoming = "$root/mail/.incoming";
	my %moves = (
		'a link of it'                  => [ 'linkat', $AT_FDCWD, \$stored, $AT_FDCWD, \"$incoming/x", 0 ],
		'a link of it, by descriptor'   => [ 'linkat', $AT_FDCWD, \"/proc/self/fd/$open", $AT_FDCWD, \"$incoming/x", 0x400 ],
		'its new name'                  => [ 'renameat', $AT_FDCWD, \$stored, $AT_FDCWD, \"$incoming/x" ],
		'an exchange'                   => [ 'renameat2', $AT_FDCWD, \$stored, $AT_FDCWD, \$arriving, 2 ],
		'the exchange back'             => [ 'renameat2', $AT_FDCWD, \$arriving, $AT_FDCWD, \$stored, 2 ],
		'its directory'                 => [ 'rename', \"$root/mail/example.com/bob/new", \"$incoming/x" ],
		'its mailbox'                   => [ 'rename', \"$root/mail/example.com/bob", \"$incoming/x" ],
		'its domain'                    => [ 'rename', \"$root/mail/example.com", \"$incoming/x" ],
		'.incoming in its place'        => [ 'rename', \$incoming, \"$root/mail/example.com/bob/new" ],
		'.incoming by another name'     => [ 'rename', \$incoming, \"$root/mail/x" ],
		'.incoming and its domain'      => [ 'renameat2', $AT_FDCWD, \$incoming, $AT_FDCWD, \"$root/mail/example.com", 2 ],
		'an account'                    => [ 'rename', \"$root/accounts/example.com/bob", \"$incoming/x" ],
		'a link of a password'          => [ 'link', \$password, \"$incoming/x" ],
		'a symbolic link to it'         => [ 'symlink', \$stored, \"$incoming/x" ],
		'a device'                      => [ 'mknod', \"$incoming/x", 0020600, 0x103 ],
		'a link of what is queued'      => [ 'link', \$queued, \"$incoming/x" ],
		'its envelope'                  => [ 'rename', \$envelope, \"$incoming/x" ],
		'the queue'                     => [ 'rename', \"$root/outgoing/message", \"$incoming/x" ],
		'a removed mailbox'             => [ 'rmdir', \"$root/mail/example.com/bob/cur" ],
	);
	is_refused($inside, "$as: $_ is no way to a stored message",
	    [ $EACCES, $EXDEV, Errno::EPERM(), Errno::ENOENT(), Errno::EBUSY() ], @{$moves{$_}}) for sort keys %moves;
	my $mine = "$root/outgoing/envelope/x";
	is_refused($inside, "$as: an envelope that is made in the queue stays empty", $EACCES, 'openat', $AT_FDCWD,
	    \$mine, O_WRONLY | O_CREAT, 0600);
	succeeds($inside, "$as: and can be removed", 'unlink', \$mine);
	$inside->release;

	$client->send("\r\nText.\r\n.\r\n");
	like($client->reply, qr/^250/, "$as: the message that was on its way arrives");
	like($client->ask('QUIT'), qr/^221/, "$as: and the session goes on to its end");
	is($client->status, 0, "$as: which is a good one");
	is(scalar messages($root, $bob), 2, "$as: with what was there before");
	is_deeply([ queued($root) ], [ $entry ], "$as: and what is queued is as it was");
	like(contents($hers), qr/for \Q$alice\E\n\z/, "$as: and others' mail is as it was");

	# Without a login there is nothing to be read of passwords.
	$client = greeted($root, [ '-p', '-X', 'AUTH' ]);
	$inside = take_over($client->{pid});
	refused_files($inside, "$as, -X AUTH: a password", $password, glob "$root/passwords/.[a-z]*");
	is_refused($inside, "$as, -X AUTH: nor their names", $EACCES, 'openat', $AT_FDCWD,
	    \"$root/passwords/example.com", O_RDONLY | O_DIRECTORY, 0);
	$inside->release;
	like($client->ask('QUIT'), qr/^221/, "$as: and that session goes on");
}

# A gate into the kernel that has its own numbers.
my $client = greeted(new_root($bob), []);
my $inside = take_over($client->{pid});
is($inside->call('int80:20'), 'killed 31', 'a system call of 32-bit programs ends the process');
is($client->status, 'signal 31', 'by SIGSYS');
done_testing;
