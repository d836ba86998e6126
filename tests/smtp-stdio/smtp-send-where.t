# The three ways to a server: the local one on the mail root, for its owner; a command; TCP,
# where each address of a host is tried.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use IO::Socket::IP;
use MailTest;
use SendTest;

my $message = "From: anna\@example.org\nSubject: x\n\ntext\n";
my $bob = 'bob@example.com';
my $root = new_root($bob);

sub has_it {
	my ($name) = @_;
	my @messages = messages($root, $bob);
	is(scalar @messages, 1, "$name: he has it");
	my $octets = @messages ? contents($messages[0]) : '';
	unlink @messages;
	return $octets;
}

# The local server
is_sent('-d', $message, [ '-d', $root, $bob ]);
has_it('-d');
is_sent('MAILROOT', $message, [ $bob ], environment => { MAILROOT => $root });
has_it('MAILROOT');
is_sent('-d before MAILROOT', $message, [ '-d', $root, $bob ], environment => { MAILROOT => '/nowhere' });
has_it('-d before MAILROOT');
my $programs = abs_path(program('.'));
my ($output, $status, $errors) = with_errors($message, [ 'sh', '-c', "cd / && smtp-send -d '$root' $bob" ], environment => { PATH => "$programs:$ENV{PATH}" });
is($status, 0, 'the server is beside the program, also where that is found by PATH') or diag($errors);
has_it('by PATH');
is_refused('no mail root', 66, qr/-d.*-S/, $message, [ '-d', "$root/nowhere", $bob ]);
if (!-x '/usr/local/sbin/smtp-stdio') {
	my $lonely = new_file('smtp-send');
	system('cp', program('smtp-send'), $lonely) == 0 or die "cp: $?\n";
	my ($output, $status, $errors) = with_errors($message, [ $lonely, '-d', $root, $bob ]);
	is($status, 69, 'the server is not beside the program');
	like($errors, qr/\Asmtp-send: [^\n]*smtp-stdio[^\n]*-S[^\n]*\n\z/, 'and so -S is the way') or diag($errors);
}

# Somebody else's mail root
SKIP: {
	skip 'needs root: somebody else', 2 if $> != 0;
	my $directory = new_file('x') =~ s{/x\z}{}r;
	for my $name ('smtp-send', 'smtp-stdio') {
		system('cp', program($name), "$directory/$name") == 0 or die "cp: $?\n";
	}
	chmod 0755, $directory, "$directory/smtp-send", "$directory/smtp-stdio";
	my ($output, $status, $errors) = with_errors($message, [ 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups',
	    "$directory/smtp-send", '-d', $root, $bob ], environment => { TMPDIR => undef });
	is($status, 77, 'it is for its owner'); ## smtp-send-where-a
	like($errors, qr/\Asmtp-send: [^\n]*-S[^\n]*\n\z/, 'others are told of -S') or diag($errors);
}

# A command: descriptors 0 and 1 are the connection, 2 is not
is_sent('a command', $message, [ $bob, '--', program('smtp-stdio'), '-d', $root ]); ## smtp-send-where-b
like(has_it('a command'), qr/^Received: from \S+ \(unknown\)/m, 'a command: no address');
is_sent('a command found by PATH', $message, [ $bob, '--', 'env', program('smtp-stdio'), '-d', $root ]);
has_it('a command found by PATH');
($status, $errors) = smtp_send($message, [ $bob, '--', 'sh', '-c', 'echo said >&2; exec "$@"', 'sh', program('smtp-stdio'), '-d', $root ]);
is("$status $errors", "0 said\n", 'what it says on standard error is seen');
has_it('one that says something');
is_sent('a second -- is the command\'s', $message, [ $bob, '--', 'env', '--', program('smtp-stdio'), '-d', $root ]);
has_it('a second --');
is_refused('no such command', 69, qr/nowhere/, $message, [ $bob, '--', '/nowhere/smtp-stdio' ]);
is_refused('one that cannot be executed', 69, qr/./, $message, [ $bob, '--', '/etc/passwd' ]);
is_refused('one that ends at once', 75, qr/true/, $message, [ $bob, '--', 'true' ]);
is_refused('one that reads nothing', 75, qr/1 second/, $message, [ '-T', 1, $bob, '--', 'sleep', 2 ]);
is_refused('one that repeats what it hears', 75, qr/1 second/, $message, [ '-T', 1, $bob, '--', 'cat' ]);

# TCP.  A server for one connection after the other, on this address
sub listening {
	my ($address, @flags) = @_;
	my $listener = IO::Socket::IP->new(LocalHost => $address, LocalPort => 0, Listen => 5, Type => Socket::SOCK_STREAM()) or return;
	my $port = $listener->sockport;
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	return ($pid, $port) if $pid;
	alarm 60;
	while (my $connection = $listener->accept) {
		open STDIN, '<&', $connection;
		open STDOUT, '>&', $connection;
		open STDERR, '>', '/dev/null';
		system program('smtp-stdio'), '-d', $root, @flags;
		close $connection;
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', '/dev/null';
	}
	exec 'true';
}

sub ended {
	my ($pid) = @_;
	kill 'KILL', $pid;
	waitpid $pid, 0;
	$? = 0;
}

my ($pid, $port) = listening('127.0.0.1');
for my $server ("127.0.0.1:$port", "localhost:$port", "[127.0.0.1]:$port") {
	is_sent("-S $server", $message, [ '-S', $server, $bob ]); ## smtp-send-where-c
	like(has_it("-S $server"), qr/\[127\.0\.0\.1\]/, "-S $server: from there");
}
# What stands in EHLO: a name with a dot, or where this is from
(undef, $errors) = smtp_send($message, [ '-v', '-S', "127.0.0.1:$port", '-h', 'nodot', $bob ]);
like($errors, qr/^C: EHLO \[127\.0\.0\.1\]$/m, 'an address in place of a name without a dot'); ## smtp-5321-4.1.4-client
(undef, $errors) = smtp_send($message, [ '-v', '-S', "127.0.0.1:$port", '-h', 'a.dot', $bob ]);
like($errors, qr/^C: EHLO a\.dot$/m, 'a name with a dot');
unlink messages($root, $bob);
ended($pid);
is_refused('nobody listens', 75, qr/127\.0\.0\.1:$port.*refused/i, $message, [ '-S', "127.0.0.1:$port", $bob ]);
is_refused('nobody listens on port 25', 75, qr/127\.251\.7\.9.*refused/i, $message, [ '-S', '127.251.7.9', $bob ]);

SKIP: {
	my ($pid, $port) = listening('::1');
	skip 'no IPv6 here', 4 unless $pid;
	is_sent("-S [::1]:$port", $message, [ '-S', "[::1]:$port", $bob ]);
	like(has_it("-S [::1]:$port"), qr/\[IPv6:::1\]/, "-S [::1]:$port: from there");
	(undef, $errors) = smtp_send($message, [ '-v', '-S', "[::1]:$port", '-h', 'nodot', $bob ]);
	like($errors, qr/^C: EHLO \[IPv6:::1\]$/m, 'an address in place of a name, IPv6');
	unlink messages($root, $bob);
	# localhost is ::1 as well on many a host: whichever answers is the one
	my ($names) = run('', [ 'getent', 'ahosts', 'localhost' ]);
	if ($names =~ /^::1\b/m && $names =~ /^127\./m) {
		is_sent("-S localhost:$port", $message, [ '-S', "localhost:$port", $bob ]);
		has_it('the address that answers'); ## smtp-send-where-c
	}
	ended($pid);
}
is_refused("-S $_", 64, qr/-S/, $message, [ '-S', $_, $bob ]) for '', ':25', '[::1', '[::1]x', 'host:';

# A server that never answers takes no longer than -T says
my $deaf = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Listen => 5, Type => Socket::SOCK_STREAM());
is_refused('a server that never answers', 75, qr/1 second/, $message, [ '-T', 1, '-S', '127.0.0.1:' . $deaf->sockport, $bob ]);
done_testing;
