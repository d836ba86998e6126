# What somebody reaches who has taken over a process that serves a client: before a login
# nothing but what it was told; after it, the mail of that one account.
use strict;
use warnings;
use lib 'tests/lib';
use Errno qw(EMFILE EPERM);
use Fcntl qw(O_RDONLY O_WRONLY O_RDWR O_CREAT O_DIRECTORY);
use InsideTest;
use MailTest;
use Scram qw(client_final client_first decoded encoded);

needs_inside();
my ($bob, $alice) = ('bob@example.com', 'alice@example.com');

sub ask {
	my ($client, $command) = @_;
	$client->send("$command\r\n") if defined $command;
	return $client->line;
}

sub log_in {
	my ($client) = @_;
	ask($client, "USER $bob");
	return ask($client, 'PASS secret');
}

for my $owner (owners()) {
	my $root = new_root([ $bob, 'secret' ], [ $alice, 'other' ]);
	deliver($root, $_, "Subject: stored\n\nfor $_\n") for $bob, $bob, $alice;
	owned_by($owner, $root);
	my ($mine, $second) = messages($root, $bob);
	my ($hers) = messages($root, $alice);
	my $client = start('pop3-stdio', $root, ['-p'], wire => 'socket');
	ask($client);
	my $as = "user $owner";

	# Before the login.
	my $child = child_of($client->{pid});
	my $inside = take_over($child);
	my $before = "$as, before the login";
	refused_files($inside, $before, $mine, "$root/passwords/example.com/bob", '/etc/passwd', '/dev/null',
	    "/proc/self/mem", "/proc/$client->{pid}/mem");
	refused_system($inside, name => $before);
	my %more = (
		'a directory'          => [ 'openat', $AT_FDCWD, \'/', O_RDONLY | O_DIRECTORY, 0 ],
		'a file of its own'    => [ 'openat', $AT_FDCWD, \"$root/x", O_WRONLY | O_CREAT, 0600 ],
		'a directory of its own' => [ 'mkdir', \"$root/x", 0700 ],
		'to remove'            => [ 'unlink', \$mine ],
		'to rename'            => [ 'rename', \$mine, \"$mine-" ],
		'to link'              => [ 'link', \$mine, \"$mine-" ],
		'dup'                  => [ 'dup', 0 ],
		'dup by fcntl'         => [ 'fcntl', 0, 0, 0 ],
		'a pipe'               => [ 'pipe2', \("\0" x 8), 0 ],
		'an epoll'             => [ 'epoll_create1', 0 ],
		'an event'             => [ 'eventfd2', 0, 0 ],
		'a timer'              => [ 'timerfd_create', 1, 0 ],
	);
	is_refused($inside, "$before: $_", [ $EACCES, EPERM, EMFILE ], @{$more{$_}}) for sort keys %more;
	is_refused($inside, "$before: descriptor $_ is not open", Errno::EBADF(), 'fstat', $_, \("\0" x 256))
	    for grep { !-e "/proc/$child/fd/$_" } 3 .. 12;
	is(join(' ', map { s{.*/}{}r } grep { !(readlink($_) =~ /^(?:socket|pipe):|null$/) } glob "/proc/$child/fd/*"),
	    '', "$before: no file and no directory is open");
	$inside->release;

	# After it.
	like(log_in($client), qr/^\+OK/, "$as: and the session goes on: a login");
	ok(wait_until { !child_of($client->{pid}) }, "$as: after which there is one process");
	$inside = take_over($client->{pid});
	my $after = "$as, after the login";
	refused_files($inside, $after, $hers, (map { ("$root/passwords/example.com/$_") } 'alice', 'bob'),
	    '/etc/passwd', '/dev/null', '/proc/self/mem', glob "$root/passwords/.[a-z]*");
	refused_system($inside, name => $after);
	%more = (
		'own mail to write'    => [ 'openat', $AT_FDCWD, \$mine, O_RDWR, 0 ],
		'own mail to empty'    => [ 'truncate', \$mine, 0 ],
		'own mail to alter'    => [ 'chmod', \$mine, 0644 ],
		'to rename it'         => [ 'rename', \$mine, \"$mine-" ],
		'to link it'           => [ 'link', \$mine, \"$mine-" ],
		'new mail'             => [ 'openat', $AT_FDCWD, \"$root/mail/example.com/bob/new/x", O_WRONLY | O_CREAT, 0600 ],
		'a directory'          => [ 'mkdir', \"$root/mail/example.com/bob/x", 0700 ],
		'to remove others\' mail' => [ 'unlink', \$hers ],
		'to take others\' mail' => [ 'rename', \$hers, \"$root/mail/example.com/bob/new/x" ],
		'to link others\' mail' => [ 'link', \$hers, \"$root/mail/example.com/bob/new/x" ],
		map({ ("to list $_" => [ 'openat', $AT_FDCWD, \"$root/$_", O_RDONLY | O_DIRECTORY, 0 ]) }
		    '', 'accounts', 'accounts/example.com', 'passwords', 'mail', 'mail/.incoming', 'mail/example.com/alice/new'),
	);
	is_refused($inside, "$after: $_", [ $EACCES, EPERM, $EXDEV ], @{$more{$_}}) for sort keys %more;
	is(join(' ', grep { /^\Q$root\E(?!\/mail\/example.com\/bob)/ } map { readlink } glob "/proc/$client->{pid}/fd/*"), '',
	    "$after: nothing of the mail root is open but the mailbox");
	my $open = succeeds($inside, "$after: own mail can be read", 'openat', $AT_FDCWD, \$mine, O_RDONLY, 0);
	succeeds($inside, "$after: to its text", 'read', $open, \("\0" x 4096), 4096);
	like($inside->octets, qr/^Subject: stored\n/m, "$after: which is there");
	is_refused($inside, "$after: and not opened to others", EPERM, 'fchmod', $open, 0644);
	succeeds($inside, "$after: it can be removed", 'unlink', \$second);
	$inside->release;

	like(ask($client, 'RETR 1'), qr/^\+OK/, "$as: the session goes on");
	1 while defined(my $line = $client->line) && $client->{output} ne '';
	like(ask($client, 'DELE 1'), qr/^\+OK/, "$as: a message is marked");
	like(ask($client, 'QUIT'), qr/^\+OK/, "$as: and the end");
	is($client->status, 0, "$as: is a good one");
	is(scalar messages($root, $bob), 0, "$as: own mail is gone");
	is(scalar messages($root, $alice), 1, "$as: and no other");
}

# Whoever takes the process over after his login finds nobody's verifier there, also not
# that of another, whose login he had begun before his own.
sub keys_found {
	my ($root, $pid, $user) = @_;
	my ($stored, $server) = contents("$root/passwords/example.com/$user") =~ /\$([^:\$]+):([^:\$]+)\n\z/;
	return scalar grep { in_memory($pid, $_) } map { ($_, decoded($_)) } $stored, $server;
}

for my $by_scram (0, 1) {
	my $root = new_root([ $bob, 'secret' ], [ $alice, 'other' ]);
	my $client = start('pop3-stdio', $root, ['-p'], wire => 'socket');
	ask($client);
	ask($client, 'AUTH SCRAM-SHA-256');
	like(ask($client, encoded(client_first($alice))), qr/^\+ /, 'a login begins');
	is(keys_found($root, $client->{pid}, 'alice'), 2, 'its verifier is at hand');
	ask($client, '*');
	if ($by_scram) {
		ask($client, 'AUTH SCRAM-SHA-256');
		my $first = client_first($bob);
		my ($said) = ask($client, encoded($first)) =~ /^\+ (.*)/;
		ask($client, encoded((client_final('secret', $first, decoded($said)))[0]));
		like(ask($client, ''), qr/^\+OK/, 'another logs in by SCRAM');
	} else {
		like(log_in($client), qr/^\+OK/, 'another logs in by his password');
	}
	ok(wait_until { !child_of($client->{pid}) }, 'there is one process');
	is(keys_found($root, $client->{pid}, $_), 0, "nothing of ${_}'s is left in it") for 'alice', 'bob';
	like(ask($client, 'QUIT'), qr/^\+OK/, 'and the session goes on');
}

done_testing;
