# SCRAM-SHA-256, as it should go: the client shows that it has the password without sending
# it, and the server that it has the account.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Scram qw(attributes client_final client_first decoded encoded verifier);
use SmtpAuth qw(greeted scram);

# The exchange that RFC 7677 prints, by which the client of these tests is known to be right.
my $first = client_first('user', nonce => 'rOprNGfwEbeRWgbNEkqO');
my ($final, $signature) = client_final('pencil', $first,
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096');
is($first, 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO', 'as printed: the first message');
is($final, 'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    'as printed: the proof'); ## scram-7677-a
is($signature, 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=', "as printed: the server's proof"); ## scram-7677-a

my $bob = 'bob@example.com';
my ($comma, $utf8) = ('a,b=c@example.com', "j\xc3\xbcrgen\@example.com");
my $root = new_root([ $bob, 'secret' ], [ $comma, 'secret' ], [ $utf8, "p\xc3\xa4ssword" ], [ 'alice@example.com', 'secret' ],
    [ 'long@example.com', 'y' x 500 ]);

# A login that has to succeed; returns what came.
sub succeeds {
	my ($what, $user, $password, %with) = @_;
	my $client = greeted($root, $with{flags}, wire => 'socket');
	my $done = scram($client, $user, $password, %with);
	like($done->{reply}, qr/^235 2\.7\.0 /, "$what: logged in");
	is($done->{server_final}, $done->{signature}, "$what: and the server has shown that it knows the account");
	return ($done, $client);
}

my ($done, $client) = succeeds('in one step', $bob, 'secret', first => { nonce => 'fyko+d2lbbFgONRv9qkxdawL' }); ## smtp-4954-4-i scram-5802-5-f
is(scalar(@{$done->{replies}}), 3, 'two challenges and a reply'); ## smtp-4954-4-m
like($done->{replies}[1], qr/^334 \S+$/, "the server's proof is one more challenge"); ## smtp-4954-4-m scram-5802-5-f
like($done->{server_first}, qr/\Ar=[!-+\--~]+,s=[A-Za-z0-9+\/]+=*,i=[1-9][0-9]*\z/, "the server's first message"); ## scram-5802-5-c
my %server = attributes($done->{server_first});
like($server{r}, qr/\Afyko\+d2lbbFgONRv9qkxdawL[!-+\--~]{24,}\z/, "its nonce is the client's and more"); ## scram-5802-5-b
cmp_ok($server{i}, '>=', 4096, 'enough iterations'); ## scram-5802-5-c scram-7677-a
like(contents("$root/passwords/example.com/bob"), qr/\ASCRAM-SHA-256\$$server{i}:\Q$server{s}\E\$[A-Za-z0-9+\/]{43}=:[A-Za-z0-9+\/]{43}=\n\z/,
    'salt and count are those that are stored, and two keys with them'); ## scram-7677-a scram-5803-1
like($client->ask('AUTH SCRAM-SHA-256'), qr/^503 5\.5\.1 /, 'no second login'); ## smtp-4954-3-b
unlike($client->ask('EHLO client.example'), qr/AUTH/, 'nor is one offered'); ## smtp-4954-3-a
$client->ask($_) for "MAIL FROM:<$bob>", 'RCPT TO:<alice@example.com>', 'DATA', "text\r\n.", 'QUIT';
my ($path) = messages($root, 'alice@example.com');
like(contents($path), qr/\swith ESMTPA id /, 'and the trace says that there was one'); ## smtp-3848-a

($done) = succeeds('in two steps', $bob, 'secret', in_steps => 1, first => { nonce => 'fyko+d2lbbFgONRv9qkxdawL' }); ## smtp-4954-4-d
is($done->{replies}[0], '334 ', 'an empty challenge comes first'); ## smtp-4954-4-d
isnt(substr($done->{server_first}, 26, 24), substr($server{r}, 24), "another nonce of the server's each time"); ## scram-5802-5-b

my $with_flags;
(undef, $with_flags) = succeeds("-$_", $bob, 'secret', flags => [ "-$_" ]) for 'p', 's', 'a'; ## smtp-4954-3-a
like($with_flags->ask("MAIL FROM:<$bob>"), qr/^250 2\.1\.0 /, 'a submission service takes it, too'); ## smtp-6409-4.3

succeeds('a client that would bind the channel', $bob, 'secret', first => { flag => 'y' }); ## scram-5802-5-a scram-5802-5-d
succeeds('for oneself, said plainly', $bob, 'secret', first => { authzid => $bob }); ## scram-5802-5-j scram-5802-5-d
succeeds('a name with a comma and an equals sign', $comma, 'secret'); ## scram-5802-5-g
succeeds('for oneself, with both', $comma, 'secret', first => { authzid => $comma }); ## scram-5802-5-g scram-5802-5-j
succeeds('beyond ASCII', $utf8, "p\xc3\xa4ssword"); ## scram-5802-prep sasl-prep
succeeds('a name in another case, signed as it came', 'BOB@Example.COM', 'secret'); ## scram-5802-prep sasl-prep
succeeds('a long password', 'long@example.com', 'y' x 500); ## scram-5802-5-f
succeeds('a nonce of one character', $bob, 'secret', first => { nonce => '~' }); ## scram-5802-5-b
succeeds('a nonce of all characters', $bob, 'secret', first => { nonce => join '', map { chr } grep { $_ != 0x2c } 0x21 .. 0x7e }); ## scram-5802-5-b
succeeds('a long nonce', $bob, 'secret', first => { nonce => 'x' x 500 }); ## scram-5802-5-b
succeeds('extensions that nobody must know, in both messages', $bob, 'secret', first => { behind => ',x=1,y=a=b' },
    final => { behind => ',z=a=b,Z=c' }); ## scram-5802-5-h

# Verifiers that another program wrote: any salt, few or many iterations, blanks around $.
my %verifiers = (
	'a salt of one octet'    => verifier('secret', 's', 4096),
	'a long salt'            => verifier('secret', join('', map { chr } 128 .. 255), 4097),
	'one iteration'          => verifier('secret', 'salt', 1),
	'many iterations'        => verifier('secret', 'salt', 50000),
	'blanks around $'        => verifier('secret', 'saltsalt', 5000) =~ s/\$/ \$  /gr,
	'no line end'            => verifier('secret', 'saltsalt', 5000),
);
for my $what (sort keys %verifiers) {
	open my $file, '>:raw', "$root/passwords/example.com/alice" or die;
	print $file $verifiers{$what}, $what =~ /line end/ ? '' : "\n";
	close $file or die;
	($done) = succeeds($what, 'alice@example.com', 'secret'); ## scram-5803-1
	my ($count) = $verifiers{$what} =~ /(\d+):/;
	is((attributes($done->{server_first}))[5], $count, "$what: the count is the stored one"); ## scram-5802-5-c
}

# Not logged in before the last, empty answer.
my %instead = ('*' => qr/^501 5\.7\.0 /, 'x' => qr/^501 5\.5\.2 /, '=' => qr/^501 5\.5\.2 /, 'eA==' => qr/^535 5\.7\.8 /);
for my $answer (sort keys %instead) {
	my $client = greeted($root, [ '-a' ], wire => 'socket');
	my $first = client_first($bob);
	my ($challenge) = $client->ask('AUTH SCRAM-SHA-256 ' . encoded($first)) =~ /^334 (\S+)$/;
	my ($final) = client_final('secret', $first, decoded($challenge));
	like($client->ask(encoded($final)), qr/^334 dj[0-3]/, "$answer: the server's proof"); ## scram-5802-5-f
	like($client->ask($answer), $instead{$answer}, "$answer: refused in place of the empty answer"); ## smtp-4954-4-m smtp-4954-4-e
	like($client->ask("MAIL FROM:<$bob>"), qr/^530 5\.7\.0 /, "$answer: and nobody is logged in"); ## smtp-4954-4-m
}

done_testing;
