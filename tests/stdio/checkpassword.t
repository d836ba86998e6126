# What a checkpassword program is run with (-A): its arguments, the name and the password on
# descriptor 3 and nowhere else, and nothing of the connection.
use strict;
use warnings;
use lib 'tests/lib';
use Checkpassword;
use MailTest;

my $user = 'bob@example.com';

for (@LOGINS) {
	my ($name, $mechanism) = @$_;
	my $how = "$name, $mechanism";
	my $checker = new_checker();
	my $client = greeted($name, empty_root(), "$checker one  two\tthree ");
	like(login($client, $name, $mechanism, $user, 'secret'), qr/^(?:235 2\.7\.0|\+OK)/, "$how: the right password");
	is(scalar(calls_of($checker)), 1, 'it has run once');
	my ($login, $password, $timestamp, $rest) = split /\0/, record_of($checker, 'input'), -1;
	is($login, $user, 'the name comes on descriptor 3');
	is($password, 'secret', 'then the password');
	like($timestamp, qr/^\d+$/, 'then a timestamp');
	is($rest, '', 'each with a NUL behind it, and no more');
	is(record_of($checker, 'arguments'), "one\ntwo\nthree\ntrue\n", 'its arguments are those of the command, and true');
	unlike(record_of($checker, 'cmdline'), qr/secret/, 'the password is in no argument');
	unlike(record_of($checker, 'environment'), qr/secret/, 'nor in the environment');
}

# Any password comes as it was sent.
for my $password ('two  words', '$(id)`id`', q('"\\), '%s%n', "\xff\x80", "\xc3\xbc", ' ', '-n', '*', 'x' x 200) {
	my $checker = new_checker();
	for (grep { $password !~ /\xff/ || $_->[1] eq 'USER' } @LOGINS) {       # PLAIN and LOGIN want UTF-8
		my ($name, $mechanism) = @$_;
		my $client = greeted($name, empty_root(), $checker);
		fail_to_login($client, $name, $mechanism, $user, $password);
		my $shown = Program::visible(length $password < 50 ? $password : length($password) . ' octets');
		like(record_of($checker, 'input') // 'nothing', qr/\A\Q$user\E\0\Q$password\E\0\d+\0\z/, "$name, $mechanism: $shown");
	}
}

# 512 octets at most: the rest of them is the name, three NULs and the time, which has as
# many digits as ours.
my $longest = 512 - length($user) - 3 - length time;
for (grep { $_->[1] ne 'USER' } @LOGINS) {
	my ($name, $mechanism) = @$_;
	my $checker = new_checker();
	my $client = greeted($name, empty_root(), $checker);
	fail_to_login($client, $name, $mechanism, $user, 'x' x $longest);
	is(length record_of($checker, 'input'), 512, "$name, $mechanism: as much as fits");
	for my $more (1, 2, 100, 1000) {
		$client = greeted($name, empty_root(), $checker);
		like(fail_to_login($client, $name, $mechanism, $user, 'x' x ($longest + $more)), qr/^(?:535 5\.7\.8|-ERR \[AUTH\])/,
		    "and $more more is a wrong password");
	}
	is(scalar(calls_of($checker)), 1, 'for which it was not asked');
}

# Descriptors: 0 and 1 are not the connection, 3 is where it reads, and there is no other;
# whatever the supervisor had left open.
SKIP: {
	skip 'no /proc here', 1 unless -e "/proc/$$/fd";
	for my $wire ('pipes', 'socket', 'tcp') {
		for my $name ('smtp-stdio', 'pop3-stdio') {
			my $checker = new_checker();
			my $open = $wire eq 'pipes' ? '' : '2>&1';       # as inetd does it
			my $client = Program->start(command => [ '/bin/sh', '-c', "exec \"\$@\" 7<&0 8>&1 9</dev/null $open", 'sh',
			    program($name), '-d', empty_root(), '-p', '-A', $checker ], wire => $wire);
			$client->line;
			my %connection = map { readlink("/proc/$client->{pid}/fd/$_") => 1 } 0, 1;
			$client->ask('EHLO client.example') if $name eq 'smtp-stdio';
			login($client, $name, 'PLAIN', $user, 'secret');
			my %descriptors = record_of($checker, 'descriptors') =~ / (\d+) -> ([^\n]*)/g;
			is(join(' ', sort grep { $_ < 10 } keys %descriptors), '0 1 2 3', "$name, $wire: its descriptors");
			is_deeply([ grep { $connection{$descriptors{$_}} } 0, 1, 3 ], [], 'are not the connection')
			    or diag explain \%descriptors;
			ok(!$connection{$descriptors{2}}, 'nor is 2, where that is the connection itself') if $wire ne 'pipes';
		}
	}
}

# Nothing that it says is said to the client.
for my $name ('smtp-stdio', 'pop3-stdio') {
	my $checker = new_checker();
	my $client = Program->start(command => [ '/bin/sh', '-c', 'exec "$@" 2>&1', 'sh',
	    program($name), '-d', empty_root(), '-p', '-A', $checker ], wire => 'socket');
	$client->line;
	$client->ask('EHLO client.example') if $name eq 'smtp-stdio';
	like(login($client, $name, 'PLAIN', $user, 'noisy'), qr/^(?:235|\+OK)/, "$name: one that talks");
	$client->send("QUIT\r\n");
	like($client->rest, qr/\A(?:221|\+OK)[^\n]*\n\z/, 'does not talk to the client');
}

# It is found as a shell would find it, may leave its input unread, and need not be a script.
for my $name ('smtp-stdio', 'pop3-stdio') {
	my $client = greeted($name, empty_root(), 'true');
	like(login($client, $name, 'PLAIN', $user, 'anything'), qr/^(?:235|\+OK)/, "$name: true lets everybody in");
	$client->close_input;
	$client = greeted($name, empty_root(), 'false');
	like(fail_to_login($client, $name, 'PLAIN', $user, 'anything'), qr/^(?:535 5\.7\.8|-ERR \[AUTH\])/, 'and false nobody');
}

# The log does not hold what was typed, not with -v and not of what is refused.
for my $name ('smtp-stdio', 'pop3-stdio') {
	my $errors = new_file('errors');
	for my $password ('secret', 'sesame-wrong', 'exit-111', 'sesame' x 200) {
		my $client = greeted($name, empty_root(), new_checker(), flags => [ '-p', '-v' ], errors => $errors);
		fail_to_login($client, $name, 'PLAIN', $user, $password);
		$client->rest;
		$client->status;
		unlike(contents($errors), qr/secret|sesame|exit-111/, "$name: nothing of $password is in the log") if length $password < 100;
		unlike(contents($errors), qr/sesame/, "$name: nothing of a long one is in the log");
	}
}
done_testing;
