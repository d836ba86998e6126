# -A, -f and -T: the programs are run by a process that the client does not talk to.  The one
# that it talks to is confined all the same, and whoever takes it over makes the other do
# nothing but what the command line says.
use strict;
use warnings;
use lib 'tests/lib';
use Checkpassword qw(new_checker);
use Fcntl qw(O_RDONLY O_WRONLY O_CREAT);
use Filter;
use InsideTest;
use MailTest;
use SmtpAuth qw(plain);

needs_inside();
my $bob = 'bob@example.com';
my ($ORDER_PEER, $ORDER_PASSWORD, $ORDER_FILTER) = 0 .. 2;      # as in smtp-stdio/runner.c
my $strings_max = 65_536 + 8_192;

# A session that has greeted, and its process.
sub session {
	my ($root, @flags) = @_;
	my $client = start('smtp-stdio', $root, [ '-p', '-h', 'mail.example.org', @flags ],
	    environment => { TCPREMOTEIP => '192.0.2.1', TCPREMOTEPORT => 25 });
	$client->reply;
	$client->ask('EHLO client.example');
	return ($client, child_of($client->{pid}));
}

sub is_gone {
	my ($pid) = @_;
	return wait_until { !-e "/proc/$pid" || Program::of_process($pid, 'stat') =~ /\) Z / };
}

# The descriptor by which the process talks to its parent.
sub channel {
	my ($pid) = @_;
	my ($channel) = grep { $_ > 2 && readlink("/proc/$pid/fd/$_") =~ /^socket:/ } map { s{.*/}{}r } glob "/proc/$pid/fd/*";
	return $channel;
}

# Writes octets to the parent; returns what comes back, '' where that is the end.
sub say_order {
	my ($inside, $octets) = @_;
	my $channel = channel($inside->{pid});
	return '' if $inside->call('write', $channel, \$octets, length $octets) < 0 && $!{EPIPE};
	my $got = $inside->call('read', $channel, \("\0" x 12), 12);
	return $got < 0 && !$!{ECONNRESET} ? "failed: $!" : $got == 12 ? join ' ', unpack 'i3', $inside->octets : '';
}

sub order {
	my ($kind, @strings) = @_;
	my $octets = join '', map { "$_\0" } @strings;
	return pack('i I', $kind, length $octets) . $octets;
}

my @envelope = ('from@example.com', '', '192.0.2.1', 'id', '');

# Programs that any user can run, and that can write beside themselves.
sub new_programs {
	my ($filter, $checker, $wrapper) = (new_filter('cat >"$at/seen"; exit 0'), new_checker(),
	    new_filter('echo "wrapped for $REMOTE_ADDR"'));
	system('chmod', '-R', 'a+rwX', map { m{^(.*)/} } $filter, $checker, $wrapper) == 0 or die "chmod: $?\n";
	return ($filter, $checker, $wrapper);
}

for my $owner (owners()) {
	my ($filter, $checker, $wrapper) = new_programs();
	my %programs = (-f => $filter, -A => $checker, -T => $wrapper);
	for my $flag (sort keys %programs) {
		my $root = new_root([ $bob, 'secret' ]);
		deliver($root, $bob, "Subject: stored\n\ntext\n");
		owned_by($owner, $root);
		my ($client, $child) = session($root, $flag, $programs{$flag});
		my $as = "user $owner, $flag";
		my $inside = take_over($child);
		refused_files($inside, "$as, a stored message", messages($root, $bob));
		refused_files($inside, "$as, a password", "$root/passwords/example.com/bob") if $flag eq '-A';
		refused_files($inside, "$as, other files", '/etc/passwd', $programs{$flag}, "/proc/$client->{pid}/mem");
		refused_system($inside, name => $as);
		$inside->release;
		like($client->ask($_), qr/^[23]/, "$as: $_") for "MAIL FROM:<a\@client.example>", "RCPT TO:<$bob>", 'DATA';
		$client->send("Subject: new\r\n\r\ntext\r\n.\r\n");
		like($client->reply, qr/^250/, "$as: a message is taken");
		like($client->ask('AUTH PLAIN ' . plain('', $bob, 'secret')), qr/^235/, "$as: a login");
		ok(!in_memory($_, "$bob\0secret"), "$as: nothing of it is left in process $_") for $client->{pid}, $child;
		like($client->ask('QUIT'), qr/^221/, "$as: and the end");
		is($client->status, 0, "$as: is a good one");
		is(scalar messages($root, $bob), 2, "$as: both messages are there");
	}
	like(written_by($filter, 'seen'), qr/^Subject: new$/m, "user $owner: the filter has seen the message");
}

# How the two end.
my ($filter, $checker, $wrapper) = new_programs();
my $root = new_root([ $bob, 'secret' ]);
my ($client, $child) = session($root, -f => $filter);
$client->signal('TERM');
like($client->rest, qr/^421 /, 'SIGTERM: the client is told');
is($client->status, 75, 'it ends');
ok(is_gone($child), 'and so does its child');

($client, $child) = session($root, -f => $filter);
$client->signal('KILL');
$client->rest;
ok(is_gone($child), 'SIGKILL: the child ends, too');
$client->status;

($client, $child) = session($root, -f => $filter);
kill 'KILL', $child;
is($client->rest, '', 'SIGKILL of the child: the client sees the end');
is($client->status, 75, 'and it is one for now');

# Orders that are in order, and such that are refused.
($client, $child) = session($root, -f => $filter);
symlink "$root/accounts/example.com/bob", "$root/mail/.incoming/link" or die "symlink: $!\n";
my $inside = take_over($child);
for my $name ('m', 'r', 'o', 's') {
	my $file = succeeds($inside, "a file $name", 'openat', $AT_FDCWD, \"$root/mail/.incoming/$name", O_WRONLY | O_CREAT, 0600);
	$inside->call('close', $file);
}
my ($exited) = split ' ', say_order($inside, order($ORDER_FILTER, qw(m r o s), @envelope));
my ($failed) = split ' ', say_order($inside, order($ORDER_FILTER, qw(m r o none), @envelope));
isnt($exited, $failed, 'an order is obeyed, where all files are there');
for my $name ('../.incoming/m', '/etc/passwd', 'm/', '.', '..', '.m', '', 'link', 'x' x 300) {
	my @ends = map {
		my @names = qw(m r o s);
		$names[$_] = $name;
		(split ' ', say_order($inside, order($ORDER_FILTER, @names, @envelope)))[0];
	} 0 .. 3;
	is("@ends", "$failed $failed $failed $failed", "'" . substr($name, 0, 20) . "' is no name of a file");
}
like(say_order($inside, order($ORDER_PASSWORD, 'bob', 'secret')), qr/^\d+ 0 \d+$/, 'a password, where there is no -A');
$inside->release;
$client->ask('QUIT');
is($client->status, 0, 'the session goes on to its end');
ok(!-s "$root/mail/.incoming/$_", "$_ is as it was") for 'o', 's';

my %none = (
	'a kind that there is not'   => pack('i I', 3, 2) . "\0\0",
	'a kind below all'           => pack('i I', -1, 2) . "\0\0",
	'more than there may be'     => pack('i I', $ORDER_FILTER, $strings_max + 1) . 'x' x 100,
	'more than there can be'     => pack('i I', $ORDER_FILTER, 0xffffffff),
	'nothing'                    => pack('i I', $ORDER_FILTER, 0),
	'too few strings'            => order($ORDER_FILTER, qw(m r o s), @envelope[0 .. 3]),
	'too many strings'           => order($ORDER_FILTER, qw(m r o s), @envelope, ''),
	'a string without an end'    => pack('i I', $ORDER_PASSWORD, 6) . "bob\0se",
	'one string of two'          => order($ORDER_PASSWORD, 'bob'),
	'strings of a filter for -A' => order($ORDER_PASSWORD, qw(m r o s), @envelope),
);
for my $what (sort keys %none) {
	($client, $child) = session($root, -f => $filter);
	$inside = take_over($child);
	is(say_order($inside, $none{$what}), '', "$what: no order, and the last one");
	$inside->release;
	$client->rest;
	is($client->status, 75, "$what: the session ends");
	ok(is_gone($child), "$what: with both processes");
}

# Passwords are not tried for ever.
($client, $child) = session($root, -A => $checker, -e => 3);
$inside = take_over($child);
my $tries = 0;
while (say_order($inside, order($ORDER_PASSWORD, $bob, 'wrong')) ne '') {
	last if ++$tries > 10;
}
is($tries, 4, 'passwords can be tried as often as faults may be made');
$inside->release;

# Who is connected is known without the child, and a wrapper is run where there is one.
($client, $child) = session($root, '-T', $wrapper);
$inside = take_over($child);
isnt(say_order($inside, order($ORDER_PEER, '203.0.113.9', '1')), '', 'another peer is told of');
is($inside->call('exit_group', 7), 'killed 0', 'and TLS asked for');
$inside->release;
like($client->rest, qr/^wrapped for 192\.0\.2\.1$/m, 'which is not believed without -P');
for my $end (7, 11, 99, 255) {
	($client, $child) = session($root, -f => $filter);
	$inside = take_over($child);
	$inside->call('exit_group', $end);
	$inside->release;
	$client->rest;
	is($client->status, 75, "an end that cannot be, $end, is trouble");
}
done_testing;
