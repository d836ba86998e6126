#!/usr/bin/perl
# SCRAM-SHA-256 over POP3, from the client's side: it logs in without showing a password,
# also where the line is not protected, and checks that the server knows the account.
# What does not fit is refused, in one way whatever it is, and at the end.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use Scram qw(attributes client_final client_first decoded encoded verifier);
use StoreTest;
use Test::More;

my $root = new_root();
my $bob = 'bob@example.com';
my $odd = 'bob=odd@example.com';
add($root, $bob, 'secret');
add($root, $odd, 'secret');
add($root, 'nopass@example.com', undef);
add($root, 'crypt@example.com', 'secret');
put($root, 'passwords/example.com/crypt',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1' . "\n");
add($root, 'elsewhere@example.com', 'secret');
put($root, 'passwords/example.com/elsewhere', verifier('pencil', 'a salt of some other program', 5000));
put($root, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', "Subject: one\n\nfirst\n");

sub connected {
	my $client = Program->start(command => [program('pop3-stdio'), '-d', $root, @_], limit => 30);
	$client->line;
	return $client;
}

# The challenge that stands in a line, or undef where that is none.
sub challenge {
	my ($line) = @_;
	return defined $line && $line =~ /^\+ (\S*)\z/ ? decoded($1) : undef;
}

# Sends both messages of a client, made by client_first() and client_final() with these
# arguments, but awaits nothing behind the second.  Returns the server's first message
# and what its last one must be; nothing where it had refused already.
sub send_proof {
	my ($client, $user, $password, $first, $final) = @_;
	my $message = client_first($user, %{$first || {}});
	my $server_first = challenge(ask($client, 'AUTH SCRAM-SHA-256 ' . encoded($message)));
	return unless defined $server_first && length $server_first;
	my ($proof, $signature) = client_final($password, $message, $server_first, %{$final || {}});
	$client->send(encoded($proof) . "\r\n");
	return ($server_first, $signature);
}

# The whole exchange, well.  Returns the last reply.
sub login {
	my ($client, $user, $password, $first, $final) = @_;
	my (undef, $signature) = send_proof($client, $user, $password, $first, $final);
	my $line = $client->line;
	return $line unless defined challenge($line);
	is(challenge($line), $signature, 'the server shows that it knows the account');        ## scram-5802-5-f pop3-5034-4-c
	return ask($client, '');
}

# The exchange as the RFC has it, on an open line.
{
	my $client = connected();
	my $first = client_first($bob, nonce => 'rOprNGfwEbeRWgbN');
	my $line = ask($client, 'AUTH SCRAM-SHA-256 ' . encoded($first));
	like($line, qr{^\+ [A-Za-z0-9+/]+=*\z}, 'the challenge is in base64');     ## pop3-5034-4-a
	my $server_first = challenge($line);
	like($server_first, qr{^r=rOprNGfwEbeRWgbN[\x21-\x2b\x2d-\x7e]{24,},s=[A-Za-z0-9+/]{16,}=*,i=[1-9][0-9]*\z},
	    'the server adds to the nonce, and tells salt and iterations');        ## scram-5802-5-b scram-5802-5-c
	cmp_ok({attributes($server_first)}->{i}, '>=', 4096, 'which are not too few');     ## scram-7677-a scram-5802-5-c
	my ($final, $signature) = client_final('secret', $first, $server_first);
	$line = ask($client, encoded($final));
	is(challenge($line), $signature, 'its last message is one more challenge');        ## pop3-5034-4-c scram-5802-5-f
	like(ask($client, ''), qr/^\+OK/, 'and an empty line the answer to it');   ## pop3-5034-4-c
	is(ask($client, 'STAT'), '+OK 1 23', 'then the maildrop is open');         ## pop3-5034-4-c
	like(ask($client, 'QUIT'), qr/^\+OK/, 'QUIT');
	is($client->status, 0, 'a good end');
}

# Without an initial response.
{
	my $client = connected();
	is(ask($client, 'AUTH SCRAM-SHA-256'), '+ ', 'an empty challenge asks for the first message');     ## pop3-5034-4-a
	my $first = client_first($bob);
	my $server_first = challenge(ask($client, encoded($first)));
	my ($final) = client_final('secret', $first, $server_first);
	$client->send(encoded($final) . "\r\n\r\nSTAT\r\nUIDL 1\r\nQUIT\r\n");
	ok(defined challenge($client->line), 'the last message');
	like($client->line, qr/^\+OK/, 'logged in');
	is($client->line, '+OK 1 23', 'what was pipelined behind the empty line is not lost');     ## pop3-2449-6.6
	like($client->line, qr/^\+OK 1 1700000001\.one\.host\z/, 'nor what comes then');           ## pop3-2449-6.6
	like($client->line, qr/^\+OK/, 'QUIT');
	is($client->status, 0, 'a good end');
}

# Other ways to say it that are as good.
sub logs_in {
	my ($what, @exchange) = @_;
	my $client = connected();
	like(login($client, @exchange), qr/^\+OK/, "$what: logged in");
	ask($client, 'QUIT');
	is($client->status, 0, "$what: a good end");
}

logs_in('a client that knows channel binding', $bob, 'secret', { flag => 'y' });       ## scram-5802-5-a scram-5802-5-d
logs_in('an authorization identity of one\'s own', $bob, 'secret', { authzid => $bob });        ## scram-5802-5-j
logs_in('capital letters', 'BOB@EXAMPLE.COM', 'secret');
logs_in('an equals sign in the name', $odd, 'secret');         ## scram-5802-5-g
logs_in('attributes that nobody knows', $bob, 'secret', { behind => ',x=1,y=two' }, { behind => ',z=3' });      ## scram-5802-5-h
logs_in('a verifier of another program', 'elsewhere@example.com', 'pencil');           ## scram-5803-1

# What does not fit is told in the same words, and each time after a while: so all wait
# together.
my @waiting;

sub waits {
	push @waiting, [ @_ ];
}

# What is wrong in the client's first message: the refusal may come behind its second one.
sub first_message {
	my ($what, $message) = @_;
	my $client = connected();
	$client->send('AUTH SCRAM-SHA-256 ' . (length $message ? encoded($message) : '=') . "\r\n");
	waits($what, $client, 'c=biws,r=x,p=' . encoded('x' x 32));
}

# What is wrong in the second one, or with the account.
sub exchange {
	my ($what, @exchange) = @_;
	my $client = connected();
	my ($server_first) = send_proof($client, @exchange);
	ok($server_first, "$what: the course is the same") or return;  ## scram-5802-5-i
	waits($what, $client);
	return $server_first;
}

first_message('channel binding that was not offered', client_first($bob, flag => 'p=tls-unique'));
first_message('a flag that there is not', client_first($bob, flag => 'x'));
first_message('no flag', client_first($bob, flag => ''));
first_message('a mandatory extension', client_first($bob, before => 'm=x,'));
first_message('an equals sign by itself', client_first($odd, escape => 0));
first_message('no nonce', client_first($bob, nonce => ''));
first_message('a nonce with a blank', client_first($bob, nonce => 'two words'));
first_message('no name', client_first(''));
first_message('nothing', '');
first_message('PLAIN', "\0$bob\0secret");
first_message('somebody else\'s account', client_first($bob, authzid => $odd));
exchange('a wrong password', $bob, 'wrong');
exchange('another nonce', $bob, 'secret', {}, { nonce => 'rOprNGfwEbeRWgbN' });
exchange('another channel binding', $bob, 'secret', {}, { binding => 'y,,' });
exchange('a short proof', $bob, 'secret', {}, { proof => 'x' x 31 });
exchange('a proof of zeros', $bob, 'secret', {}, { proof => "\0" x 32 });
my ($first, $second) = map { exchange('an unknown user', 'nobody@example.com', 'secret') } 1, 2;
my $other = exchange('another unknown user', 'nobody2@example.com', 'secret');
my $known = exchange('a known user', $bob, 'wrong');
exchange('an unknown domain', 'bob@elsewhere.example', 'secret');
exchange('a user without a password', 'nopass@example.com', 'secret');
exchange('a user with a password of crypt(3)', 'crypt@example.com', 'Hello world!');

for (@waiting) {
	my ($what, $client, $second_message) = @$_;
	my $line = $client->line;
	$line = ask($client, encoded($second_message)) if defined $second_message && defined challenge($line);
	is($line, '-ERR [AUTH] Wrong user name or password', "$what: refused");        ## pop3-3206-a scram-5802-5-a scram-5802-5-b scram-5802-5-d scram-5802-5-e scram-5802-5-f scram-5802-5-g scram-5802-5-h scram-5802-5-i scram-5802-5-j pop3-5034-4-b
	like(ask($client, 'STAT'), qr/^-ERR /, "$what: nobody is logged in");
}
@waiting = ();

# Who does not exist has a salt, too, and always the same; and the usual iterations.
sub salt_and_iterations {
	my %attributes = attributes(@_);
	return @attributes{'s', 'i'};
}

is_deeply([salt_and_iterations($second)], [salt_and_iterations($first)], 'an unknown user has a salt that stays');        ## scram-5802-5-i
isnt((salt_and_iterations($other))[0], (salt_and_iterations($first))[0], 'and of its own');    ## scram-5802-5-i
is((salt_and_iterations($first))[1], (salt_and_iterations($known))[1], 'the iterations are as usual');     ## scram-5802-5-i
is(length((salt_and_iterations($first))[0]), length((salt_and_iterations($known))[0]), 'and so is the length of the salt');     ## scram-5802-5-i
isnt({attributes($second)}->{r}, {attributes($first)}->{r}, 'the nonce is new each time');     ## scram-5802-5-b

# Taken back at each step, or answered by what is no answer: no login, no [AUTH], no lock.
{
	my $client = connected();
	my $first = client_first($bob);
	for my $answer ('*', 'x') {
		is(ask($client, 'AUTH SCRAM-SHA-256'), '+ ', 'AUTH');
		like(ask($client, $answer), qr/^-ERR (?!\[)/, "'$answer' before the first message");    ## pop3-5034-4-b
		ok(length challenge(ask($client, 'AUTH SCRAM-SHA-256 ' . encoded($first))), 'AUTH');
		like(ask($client, $answer), qr/^-ERR (?!\[)/, "'$answer' in place of the second");      ## pop3-5034-4-b
		my (undef, $signature) = send_proof($client, $bob, 'secret');
		is(challenge($client->line), $signature, 'AUTH');
		like(ask($client, $answer), qr/^-ERR (?!\[)/, "'$answer' to the server's last");        ## pop3-5034-4-b
	}
	like(ask($client, 'STAT'), qr/^-ERR /, 'nobody is logged in');
	logs_in('elsewhere meanwhile', $bob, 'secret');        ## pop3-1939-4-b
	like(login($client, $bob, 'secret'), qr/^\+OK/, 'and then here');      ## pop3-5034-4-b
	ask($client, 'QUIT');
}

# Only who has shown the right password is told that the maildrop is in use.
{
	my $first = connected();
	login($first, $bob, 'secret');
	my $second = connected();
	like(login($second, $bob, 'secret'), qr/^-ERR \[IN-USE\] /, 'in use'); ## pop3-5034-4-c pop3-1939-4-b
	like(login($second, $bob, 'wrong'), qr/^-ERR \[AUTH\] /, 'who guesses is not told');    ## pop3-1939-4-b pop3-3206-a
	like(ask($second, 'STAT'), qr/^-ERR /, 'nobody is logged in');
	like(ask($first, 'STAT'), qr/^\+OK/, 'the first session goes on');
	ask($first, 'QUIT');
	is($first->status, 0, 'and ends');
	like(login($second, $bob, 'secret'), qr/^\+OK/, 'now the second may'); ## pop3-5034-4-c
}

# Verifiers that cannot be right: nobody's fault but the system's.
for my $verifier ('SCRAM-SHA-256$4096:c2FsdA==$AAAA:AAAA', 'SCRAM-SHA-256$0:c2FsdA==$' . join(':', (encoded('x' x 32)) x 2),
    'SCRAM-SHA-256$4000000000:c2FsdA==$' . join(':', (encoded('x' x 32)) x 2), '') {
	put($root, 'passwords/example.com/nopass', "$verifier\n");
	my $client = connected();
	my $line = ask($client, 'AUTH SCRAM-SHA-256 ' . encoded(client_first('nopass@example.com')));
	$line = ask($client, encoded('c=biws,r=' . {attributes(challenge($line))}->{r} . ',p=' . encoded('x' x 32)))
	    if defined challenge($line);
	like($line, qr{^-ERR \[SYS/PERM\] }, "a verifier that is none: '$verifier'");  ## scram-5803-3 pop3-3206-b
}
done_testing();
