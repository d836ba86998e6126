# What the exit status of a checkpassword program means to the client, and to the mail root:
# 0 lets in, and makes the account on the first time; 1 does not; all else is trouble that
# may pass.  Nothing is made for who is not let in.
use strict;
use warnings;
use lib 'tests/lib';
use Checkpassword;
use MailTest;

my %RIGHT = (smtp => qr/^235 2\.7\.0 /, pop3 => qr/^\+OK/);
my %WRONG = (smtp => qr/^535 5\.7\.8 /, pop3 => qr/^-ERR \[AUTH\] /);
my %TROUBLE = (smtp => qr/^454 4\.7\.0 /, pop3 => qr{^-ERR \[SYS/TEMP\] });
my %NO_MECHANISM = (smtp => qr/^504 5\.5\.4 /, pop3 => qr/^-ERR (?!\[)/);

sub protocol {
	my ($name) = @_;
	return $name eq 'smtp-stdio' ? 'smtp' : 'pop3';
}

# The session goes on, and ends well.
sub goes_on {
	my ($client, $name) = @_;
	$client->send($name eq 'smtp-stdio' ? "NOOP\r\nQUIT\r\n" : "CAPA\r\nQUIT\r\n");
	like($client->rest, $name eq 'smtp-stdio' ? qr/\A250 .*\n221 .*\n\z/ : qr/\A\+OK.*\n\.\r\n\+OK[^\n]*\n\z/s, 'the session goes on');
	is($client->status, 0, 'to a good end');
}

# What a mail root holds, below the directories that are always there.
sub accounts {
	my ($root) = @_;
	return map { /^\Q$root\E\/(.*)/ } glob "$root/{accounts,passwords,mail}/*/*";
}

for (@LOGINS) {
	my ($name, $mechanism) = @$_;
	my $protocol = protocol($name);
	my $checker = new_checker();
	my $how = "$name, $mechanism";

	# Who is refused has no account made, and their domain neither.
	for my $case ([ 'wrong', \%WRONG ], [ 'exit-1', \%WRONG ], [ 'exit-2', \%TROUBLE ], [ 'exit-111', \%TROUBLE ],
	    [ 'exit-100', \%TROUBLE ], [ 'exit-255', \%TROUBLE ], [ 'killed', \%TROUBLE ]) {
		my ($password, $expected) = @$case;
		my $root = new_root('ann@example.org');
		my $client = greeted($name, $root, $checker);
		my $way = $expected == \%WRONG ? \&fail_to_login : \&login;
		like($way->($client, $name, $mechanism, 'new@example.com', $password), $expected->{$protocol}, "$how: $password"); ## smtp-4954-4-j pop3-3206-b
		is_deeply([ accounts($root) ], [ 'accounts/example.org/ann', 'mail/example.org/ann' ], 'nothing is made');
		goes_on($client, $name) if $expected == \%TROUBLE;
	}

	# Who is let in for the first time has an account from then on.
	my $root = empty_root();
	my $client = greeted($name, $root, $checker);
	like(login($client, $name, $mechanism, 'New@Example.COM', 'secret'), $RIGHT{$protocol}, "$how: the first time");
	ok(-d "$root/accounts/example.com/new", 'there is an account now');
	is(sprintf('%o', (stat "$root/accounts/example.com/new")[2] & 07777), '700', 'for nobody else to see');
	is_deeply([ glob "$root/passwords/*/*" ], [], 'and no password');
	goes_on($client, $name);
	deliver($root, 'new@example.com', "Subject: welcome\n\ntext\n");
	is(scalar(messages($root, 'new@example.com')), 1, 'mail can come');

	$client = greeted('pop3-stdio', $root, $checker);
	like(login($client, 'pop3-stdio', 'USER', 'new@example.com', 'secret'), $RIGHT{pop3}, 'and be fetched');
	$client->send("STAT\r\n");
	like($client->line, qr/^\+OK 1 /, 'all of it');
	my $second = greeted($name, $root, $checker);
	like(login($second, $name, $mechanism, 'NEW@example.com', 'secret'),
	    $protocol eq 'pop3' ? qr/^-ERR \[IN-USE\] / : $RIGHT{smtp}, 'an account that is there is used');
	$_->close_input for $client, $second;

	# The passwords of the mail root count for nothing.
	$root = new_root([ 'bob@example.com', 'native' ]);
	$client = greeted($name, $root, $checker);
	like(fail_to_login($client, $name, $mechanism, 'bob@example.com', 'native'), $WRONG{$protocol}, "$how: it alone decides");
	$client = greeted($name, $root, $checker);
	like(login($client, $name, $mechanism, 'bob@example.com', 'secret'), $RIGHT{$protocol}, 'and nothing overrules it');
	goes_on($client, $name);

	# A name that is no safe address is refused, and the program not even asked.
	my $before = calls_of($checker);
	for my $user ('bob', 'bob@', '@example.com', '../bob@example.com', 'b/b@example.com', '.bob@example.com', 'bob@.', 'bob@..',
	    'bob@../../etc', 'bob@example..com', 'bob@example.com.', 'bob@-example.com', "b\tb\@example.com", "b\x01b\@example.com",
	    'bob@exam ple.com', '..@..', '*@example.com', 'x' x 300 . '@example.com') {
		$root = new_root('ann@example.org');
		$client = greeted($name, $root, $checker);
		my $reply = fail_to_login($client, $name, $mechanism, $user, 'secret');
		my $shown = Program::visible($user);
		# POP3 may find at USER that a name is too long for any
		like($reply, $mechanism eq 'USER' && length $user > 255 ? qr/^-ERR/ : $WRONG{$protocol}, "$how: no address: $shown");
		is_deeply([ accounts($root) ], [ 'accounts/example.org/ann', 'mail/example.org/ann' ], 'nothing is made');
	}
	# Nor is it where a password would look like two.
	if ($mechanism eq 'LOGIN') {
		$client = greeted($name, empty_root(), $checker);
		like(fail_to_login($client, $name, $mechanism, 'bob@example.com', "secret\0"), $WRONG{$protocol}, "$how: a NUL in a password");
	}
	is(scalar(calls_of($checker)), $before, 'nobody was asked');
}

# Where there is no such program.
my $no_program = new_file('no-program');
my $not_executable = new_file('not-executable');
open my $file, '>', $not_executable or die "$not_executable: $!\n";
close $file;
for my $name ('smtp-stdio', 'pop3-stdio') {
	my $protocol = protocol($name);
	for my $command ($no_program, $not_executable, '/', 'no-program-of-this-name', "$no_program with arguments") {
		my $root = empty_root();
		my $client = greeted($name, $root, $command);
		like(login($client, $name, 'PLAIN', 'bob@example.com', 'secret'), $TROUBLE{$protocol}, "$name: no program: $command"); ## smtp-4954-4-j
		ok(!-e "$root/accounts/example.com", 'nothing is made');
		goes_on($client, $name);
	}
	# One that is executable, and cannot be executed.
	my $broken = new_checker();
	open $file, '>', $broken or die "$broken: $!\n";
	print $file "#!/no/such/interpreter\n";
	close $file;
	my $client = greeted($name, empty_root(), $broken);
	like(login($client, $name, 'PLAIN', 'bob@example.com', 'secret'), $TROUBLE{$protocol}, "$name: a program that does not start");
	goes_on($client, $name);
}

# It said yes, and the account cannot be made.
for my $name ('smtp-stdio', 'pop3-stdio') {
	my $root = new_root('ann@example.org');
	open $file, '>', "$root/accounts/example.com" or die "$root: $!\n";
	close $file;
	my $client = greeted($name, $root, new_checker());
	like(login($client, $name, 'PLAIN', 'bob@example.com', 'secret'), $TROUBLE{protocol($name)}, "$name: an account that cannot be made");
	goes_on($client, $name);
}

# SCRAM needs a verifier to look at, and here is none.
for my $name ('smtp-stdio', 'pop3-stdio') {
	my $checker = new_checker();
	my $client = greeted($name, new_root([ 'bob@example.com', 'native' ]), $checker);
	$client->send("AUTH SCRAM-SHA-256 biwsbj1ib2JAZXhhbXBsZS5jb20scj1hYmNkZWZnaA==\r\n");
	like($client->line, $NO_MECHANISM{protocol($name)}, "$name: no SCRAM"); ## smtp-4954-4-a pop3-5034-4-b
	goes_on($client, $name);
	is(scalar(calls_of($checker)), 0, 'nobody was asked');
}

# What is listed is what can be used.
for my $case ([ [], undef ], [ ['-p'], 'PLAIN LOGIN' ], [ ['-s'], 'PLAIN LOGIN' ], [ [ '-s', '-p' ], 'PLAIN LOGIN' ]) {
	my ($flags, $list) = @$case;
	my $shown = "@$flags" || 'no flag';
	my $client = start('smtp-stdio', empty_root(), [ @$flags, '-A', new_checker() ]);
	$client->line;
	my ($keyword) = $client->ask('EHLO client.example') =~ /^250[ -]AUTH ?(.*)$/m;
	is($keyword, $list, "EHLO with $shown"); ## smtp-4954-3-a
	like($client->ask('AUTH PLAIN AGJvYkBleGFtcGxlLmNvbQBzZWNyZXQ='), $list ? qr/^235 / : qr/^538 5\.7\.11 /, 'and so it is'); ## smtp-4954-4-k
	$client->close_input;

	$client = start('pop3-stdio', empty_root(), [ @$flags, '-A', new_checker() ]);
	$client->line;
	$client->send("CAPA\r\n");
	my ($line, %capability);
	$capability{$line} = 1 while ($line = $client->line) ne '.';
	is(join(',', grep { /^SASL/ } keys %capability), $list ? "SASL $list" : '', "CAPA with $shown"); ## pop3-5034-4-e
	is(!!$capability{USER}, !!$list, 'and USER likewise');  ## pop3-2449-6
	$client->send("USER bob\@example.com\r\n");
	like($client->line, $list ? qr/^\+OK/ : qr/^-ERR (?!\[)/, 'and so it is');     ## pop3-2595-2.3
	$client->close_input;
}
done_testing;
