# A session around a checkpassword program: what the client has sent beyond the password is
# not lost, whoever stops the session stops the program too, and nothing is left behind.
use strict;
use warnings;
use lib 'tests/lib';
use Checkpassword;
use MailTest;
use MIME::Base64 qw(encode_base64);

my $user = 'bob@example.com';

sub plain {
	my ($password) = @_;
	return 'AUTH PLAIN ' . encode_base64("\0$user\0$password", '') . "\r\n";
}

# A whole session in one piece, ended by QUIT.
for my $wire ('pipes', 'socket') {
	my $root = empty_root();
	my $client = start('smtp-stdio', $root, [ '-p', '-A', new_checker() ], wire => $wire);
	$client->send("EHLO client.example\r\n" . plain('wrong') . plain('secret') . "MAIL FROM:<$user>\r\nRCPT TO:<$user>\r\n"
	    . "DATA\r\nSubject: pipelined\r\n\r\n" . "text\r\n" x 5000 . ".\r\nQUIT\r\n");
	like($client->rest, qr/^535 [^\n]*\n235 [^\n]*\n250 [^\n]*\n250 [^\n]*\n354 [^\n]*\n250 [^\n]*\n221 [^\n]*\n\z/m,
	    "smtp-stdio, $wire: all that was sent behind the password is done");       ## smtp-2920-3.1-a
	is($client->status, 0, 'to a good end');
	is(scalar(messages($root, $user)), 1, 'and the message is there');

	$client = start('pop3-stdio', $root, [ '-p', '-A', new_checker() ], wire => $wire);
	$client->send("USER $user\r\nPASS wrong\r\nUSER $user\r\nPASS secret\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n");
	like($client->rest, qr/^-ERR \[AUTH\][^\n]*\n\+OK[^\n]*\n\+OK[^\n]*\n\+OK 1 \d+\r\n\+OK.*\ntext\r\n\.\r\n\+OK[^\n]*\n\+OK[^\n]*\n\z/ms,
	    "pop3-stdio, $wire: all that was sent behind the password is done");       ## pop3-2449-6.6
	is($client->status, 0, 'to a good end');
	is(scalar(messages($root, $user)), 0, 'and the message is gone');

	deliver($root, $user, "text\n");
	$client = start('pop3-stdio', $root, [ '-p', '-A', new_checker() ], wire => $wire);
	$client->send(plain('secret') . "STAT\r\n" . "NOOP\r\n" x 500 . "QUIT\r\n");
	like($client->rest, qr/\A\+OK[^\n]*\n\+OK[^\n]*\n\+OK 1 \d+\r\n(?:\+OK[^\n]*\n){501}\z/, "pop3-stdio, $wire: the same with AUTH");
}

# SIGTERM while the program thinks: both end at once.
for my $name ('smtp-stdio', 'pop3-stdio') {
	for my $password ('asleep', 'stubborn') {
		my $root = empty_root();
		my $checker = new_checker();
		my $client = greeted($name, $root, $checker, wire => 'socket', limit => 15);
		$client->send(plain($password));
		my $pid = wait_until { defined record_of($checker, 'input') && (calls_of($checker))[0] };
		ok($pid, "$name: it runs") or next;
		$client->signal('TERM');
		my $said = eval { $client->rest };
		is($@, '', "$name, $password: a stop ends the session");
		like($said, $name eq 'smtp-stdio' ? qr/\A(?:454 4\.7\.0 [^\n]*\n)?421 4\.3\.2 [^\n]*\n\z/ : qr{\A(?:-ERR \[SYS/TEMP\][^\n]*\n)?\z},
		    'and says so'); ## smtp-5321-3.8-b
		is($client->status, $name eq 'smtp-stdio' ? 75 : eval { $client->status }, 'with its status');
		ok(wait_until(sub { !kill 0, $pid }), 'the program does not outlive it');
		ok(!-e "$root/accounts/example.com", 'and nothing is made');
	}
}

# A client that goes away is noticed when the program has answered; one that waits in vain
# has its answer as soon as there is one, whatever the program leaves running.
for my $name ('smtp-stdio', 'pop3-stdio') {
	my $checker = new_checker();
	my $client = greeted($name, empty_root(), $checker, limit => 20);
	like(login($client, $name, 'PLAIN', $user, 'parent'), qr/^(?:235|\+OK)/, "$name: a child of the program is not waited for");
	my $child = record_of($checker, 'child');
	kill 'KILL', $child if $child;
}

# No process is left, and none waits to be collected.
SKIP: {
	skip 'no /proc here', 1 unless -e "/proc/$$/stat";
	for my $name ('smtp-stdio', 'pop3-stdio') {
		my $checker = new_checker();
		my $client = greeted($name, empty_root(), $checker);
		for my $password ('exit-111', 'exit-2', 'killed', 'secret') {
			login($client, $name, 'PLAIN', $user, $password);
			# POP3's process before the login is collected a moment after the reply
			my $all_collected = wait_until { !grep { $_->{state} eq 'Z' } below($client->{pid}) };
			ok($all_collected, "$name, $password: no process waits to be collected");
		}
		is(scalar(grep { kill 0, $_ } calls_of($checker)), 0, 'none is left');
		is(scalar(calls_of($checker)), 4, 'of the four');
	}
}

# The processes below one, with their states.
sub below {
	my ($ancestor) = @_;
	my %parent;
	my %state;
	for my $path (glob '/proc/[0-9]*/stat') {
		my $stat = eval { contents($path) } || '';      # it may have ended meanwhile
		my ($pid, $state, $parent) = $stat =~ /^(\d+) \(.*\) (\S) (\d+)/s or next;
		($state{$pid}, $parent{$pid}) = ($state, $parent);
	}
	my @found = ();
	my @at = ($ancestor);
	while (defined(my $at = shift @at)) {
		my @children = grep { $parent{$_} == $at } keys %parent;
		push @found, map { { pid => $_, state => $state{$_} } } @children;
		push @at, @children;
	}
	return @found;
}

# Some supervisors ignore SIGCHLD, or block it: the exit status is seen nevertheless.
my %setting = (
	'SIGCHLD ignored' => '$SIG{CHLD} = "IGNORE"',
	'SIGCHLD, SIGALRM blocked' => 'POSIX::sigprocmask(POSIX::SIG_BLOCK, POSIX::SigSet->new(POSIX::SIGCHLD, POSIX::SIGALRM))',
);
for my $what (sort keys %setting) {
	for my $name ('smtp-stdio', 'pop3-stdio') {
		my $client = Program->start(command => [ $^X, '-MPOSIX', '-e', "$setting{$what}; exec \@ARGV", program($name), '-d', empty_root(),
		    '-p', '-A', new_checker() ]);
		$client->line;
		$client->ask('EHLO client.example') if $name eq 'smtp-stdio';
		like(login($client, $name, 'PLAIN', $user, 'secret'), qr/^(?:235|\+OK)/, "$name, $what: yes is yes");
		$client = Program->start(command => [ $^X, '-MPOSIX', '-e', "$setting{$what}; exec \@ARGV", program($name), '-d', empty_root(),
		    '-p', '-A', new_checker() ]);
		$client->line;
		$client->ask('EHLO client.example') if $name eq 'smtp-stdio';
		like(fail_to_login($client, $name, 'PLAIN', $user, 'wrong'), qr/^(?:535|-ERR \[AUTH\])/, 'and no is no');
	}
}
done_testing;
