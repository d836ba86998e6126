# The log of a conversation never shows a password or what a client sends to log in, in no
# form: not in an exchange that goes wrong either, nor where a client sends it as a command.
# A failed login is a line of its own.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Scram qw(client_first encoded);
use SmtpAuth qw(greeted plain scram);

my ($bob, $password, $other) = ('bob@example.com', 'correct-horse-battery', 'staple-of-a-wrong-one');
my $root = new_root([ $bob, $password ], [ 'short@example.com', 'x' ]);
open my $verifier, '>', "$root/passwords/example.com/short" or die;
close $verifier;

my ($plain, $wrong) = map { plain('', $bob, $_) } $password, $other;
my $short = plain('', 'short@example.com', $password);
my ($user, $pass, $bad) = map { encoded($_) } $bob, $password, $other;
my $first = encoded(client_first($bob, nonce => 'nonce-of-a-client'));
my $cut = substr $plain, 0, -3;
my $broken = "$plain!";
my @secrets = ($password, $other, $plain, $wrong, $short, $user, $pass, $bad, $first, 'nonce-of-a-client');

# Lines that follow EHLO, -p where the name does not say otherwise
my %talks = (
	'in the command'               => [ "AUTH PLAIN $plain" ],
	'in lower case'                => [ "auth plain $plain", "Auth Plain $plain" ],
	'with blanks'                  => [ "AUTH   PLAIN   $plain  " ],
	'with tabs'                    => [ "AUTH\tPLAIN\t$plain" ],
	'a blank before it'            => [ " AUTH PLAIN $plain" ],
	'no blank'                     => [ "AUTH$plain", "AUTHPLAIN $plain" ],
	'as an answer'                 => [ 'AUTH PLAIN', $plain ],
	'LOGIN'                        => [ 'AUTH LOGIN', $user, $pass ],
	'LOGIN with the name'          => [ "AUTH LOGIN $user", $pass ],
	'a wrong password'             => [ "AUTH PLAIN $wrong", 'AUTH LOGIN', $user, $bad ],
	'a verifier that is malformed' => [ "AUTH PLAIN $short" ],
	'broken base 64'               => [ "AUTH PLAIN $broken", 'AUTH PLAIN', $broken, "AUTH PLAIN $cut", 'AUTH PLAIN', $cut ],
	'the password itself'          => [ 'AUTH PLAIN', $password, "AUTH PLAIN $password", 'AUTH LOGIN', $user, $password ],
	'a password where the name is' => [ 'AUTH PLAIN ' . encoded("$bob\0$password\0") ],
	'too many words'               => [ "AUTH PLAIN $plain x", "AUTH PLAIN = $plain", "AUTH LOGIN $user $pass" ],
	'a mechanism that is none'     => [ "AUTH NONE $plain", $plain, "AUTH $plain", "AUTH $password" ],
	'a second login'               => [ "AUTH PLAIN $plain", "AUTH PLAIN $plain", $plain, 'AUTH LOGIN', $user, $pass ],
	'in a transaction'             => [ 'MAIL FROM:<a@client.example>', "AUTH PLAIN $plain", 'AUTH LOGIN', $user, $pass ],
	'after a cancel'               => [ 'AUTH LOGIN', $user, '*', $pass, $password ],
	'where nobody asks'            => [ $plain, $user, $pass, $password, $first, "PASS $password", "USER $bob", "LOGIN $bob $password" ],
	'not allowed on an open line'  => [ "AUTH PLAIN $plain", $plain, "AUTH LOGIN $user", $pass, 'AUTH LOGIN', $user, $pass, $password ],
	'an LF in the line'            => [ "AUTH PLAIN $plain\n", "AUTH PLAIN\n$plain", 'AUTH PLAIN', "$plain\n", 'AUTH PLAIN', "\n$plain", "$password\n" ],
	'a CR in the line'             => [ "AUTH PLAIN $plain\rx", 'AUTH PLAIN', "$plain\rx", "x\r$password" ],
	'a NUL in the line'            => [ "AUTH PLAIN $plain\0", 'AUTH PLAIN', "$plain\0", "\0$password", "NOOP\0$password" ],
	'a line that is too long'      => [ 'AUTH PLAIN ' . $plain x 1000, 'AUTH PLAIN', $plain x 1000, $plain x 1000 ],
	'SCRAM taken back'             => [ "AUTH SCRAM-SHA-256 $first", '*', 'AUTH SCRAM-SHA-256', $first, '*' ],
	'SCRAM that goes wrong'        => [ "AUTH SCRAM-SHA-256 $first", $first, $first ],
	'as the name of a client'      => [ "AUTH PLAIN", "EHLO $plain" ],
);

# Nothing of a secret may be in the log, nor a piece of it that says much.
sub shows_nothing {
	my ($log, $what, @more) = @_;
	my @found = grep { my $piece = $_; length $piece >= 8 && index($log, $piece) >= 0 }
	    map { (substr($_, 0, 12), length > 12 ? substr($_, -12) : ()) } @secrets, @more;
	is("@found", '', "$what: nothing of it is in the log") or diag $log;
}

for my $what (sort keys %talks) {
	for my $verbose (1, 0) {
		my @flags = ($what =~ /open line/ ? () : '-p', $verbose ? '-v' : ());
		my (undef, undef, $log) = with_errors(join('', map { "$_\r\n" } 'EHLO client.example', @{$talks{$what}}, 'QUIT'),
		    [ program('smtp-stdio'), '-d', $root, '-e', 100, @flags ]);
		like($log, qr/EHLO client\.example/, "$what: the conversation is logged") if $verbose;
		shows_nothing($log, $verbose ? "$what, -v" : $what);
	}
}

# SCRAM to its end: what is sent then can only be computed.
for my $with ($password, $other) {
	my $errors = new_file('errors');
	my $client = greeted($root, [ '-v' ], errors => $errors);
	my $done = scram($client, $bob, $with, hang_up => $with eq $other, first => { nonce => 'nonce-of-a-client' });
	like($done->{reply}, $with eq $password ? qr/^235 / : qr/^535 /, 'SCRAM: as it must be');
	$client->close_input if $with eq $password;
	$client->status;
	my $log = contents($errors);
	shows_nothing($log, 'SCRAM', $first);
	unlike($log, qr/biws|[cp]=|Yz1|cD0/, 'SCRAM: nor of the messages');
}

# Failures are lines of their own, for those who count them.
my (undef, undef, $log) = with_errors(join('', map { "$_\r\n" } 'EHLO client.example', "AUTH PLAIN $wrong", 'AUTH PLAIN', '*', 'AUTH PLAIN !',
    "AUTH LOGIN $user", $bad, "AUTH PLAIN $plain", 'QUIT'), [ program('smtp-stdio'), '-d', $root, '-p' ],
    environment => { TCPREMOTEIP => '192.0.2.1' });
my @failures = grep { /login-failed/ } split /\n/, $log;
is(scalar(@failures), 2, 'a line for each failure, none for what was taken back') or diag $log;
like($_, qr/(?:^| )login-failed peer=192\.0\.2\.1 user=bob\@example\.com reason=/, 'with address and name') for @failures;

# A name cannot make a line of its own, nor a field.
(undef, undef, $log) = with_errors(join('', map { "$_\r\n" } 'EHLO client.example',
    map { 'AUTH PLAIN ' . plain('', $_, $other) } "x\nlogin-failed peer=192.0.2.9 user=y", 'x peer=192.0.2.9', 'x" peer="192.0.2.9', "x\0y", "\x1b[2J", 'x' x 5000),
    [ program('smtp-stdio'), '-d', $root, '-p' ], environment => { TCPREMOTEIP => '192.0.2.1' });
@failures = grep { /login-failed/ } split /\n/, $log;
is(scalar(grep { !/(?:^| )login-failed peer=192\.0\.2\.1 / } @failures), 0, 'a name cannot take the place of an address');
is(scalar(grep { s/"(?:[^"\\]|\\.)*"//gr =~ /192\.0\.2\.9/ } @failures), 0, 'nor begin a field');
unlike($log, qr/[^\x20-\x7e\n]|[^\n]{2000}/, 'nor be anything but a bounded, printable text');

done_testing;
