# Who is not there looks like who has given a wrong password: the same replies in the same
# steps, and in SCRAM a salt that could be a real one.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Scram qw(attributes client_first decoded encoded);
use SmtpAuth qw(auth greeted plain scram);

my $bob = 'bob@example.com';
my @accounts = ([ $bob, 'secret' ], [ 'alice@example.com', 'secret' ], 'nopass@example.com', [ 'crypt@example.com', 'secret' ]);
my $root = new_root(@accounts);
my %unlike_bob = (
	'an unknown name'               => 'nobody@example.com',
	'a domain that is not hosted'   => 'bob@elsewhere.example',
	'an account without a password' => 'nopass@example.com',
	'no domain'                     => 'nobody',
	'a name that is a path'         => '../example.com/bob',
	'a name beyond ASCII'           => "j\xc3\xbcrgen\@example.com",
	'a long name'                   => 'x' x 60 . '@example.com',
	'postmaster'                    => 'postmaster@example.com',
);

for my $what (sort keys %unlike_bob) {
	my $user = $unlike_bob{$what};
	my @talks = (
		[ 'PLAIN',  sub { [ auth($root, [ '-p' ], 'AUTH PLAIN ' . plain('', $_[0], 'wrong'), 'AUTH PLAIN', plain($_[0], $_[0], 'wrong')) ] } ],
		[ 'LOGIN',  sub { [ auth($root, [ '-p' ], 'AUTH LOGIN', encoded($_[0]), encoded('wrong'), 'AUTH LOGIN ' . encoded($_[0]), encoded('')) ] } ],
		[ 'SCRAM',  sub {
			my $done = scram(greeted($root), $_[0], 'wrong', hang_up => 1);
			return [ @{$done->{replies}}[1 .. $#{$done->{replies}}], map { length } $done->{server_first}, attributes($done->{server_first}) ];
		} ],
	);
	is_deeply($_->[1]->($user), $_->[1]->($bob), "$what: $_->[0] looks like a wrong password") for @talks; ## smtp-4954-4-h scram-5802-5-i
}

# The server's first message to somebody, without the nonce.
sub shown {
	my ($root, $user) = @_;
	my ($reply) = auth($root, [], 'AUTH SCRAM-SHA-256 ' . encoded(client_first($user)), '*');
	my ($text) = $reply =~ /^334 (\S+)$/ or return $reply;
	return decoded($text) =~ s/^r=[^,]*,//r;
}

my $nobody = shown($root, 'nobody@example.com');
is(shown($root, 'nobody@example.com'), $nobody, 'an unknown user is shown the same salt again'); ## scram-5802-5-i
is(shown($root, $_), $nobody, "$_ is the same name, so this is the same salt") for 'NOBODY@example.com', 'nobody@Example.COM'; ## scram-5802-5-i
my %salts = map { (attributes(shown($root, $_)))[1] => $_ } 'nobody@example.com', 'nobody@example.org', 'nobody2@example.com', 'somebody@example.com',
    'nopass@example.com', $bob;
is(scalar(keys %salts), 6, 'another name has another one'); ## scram-5802-5-i
my %bob = attributes(shown($root, $bob));
my %none = attributes($nobody);
is(length decoded($none{s}), length decoded($bob{s}), 'it is as long as a real one'); ## scram-5802-5-i
is($none{i}, $bob{i}, 'and has the same number of iterations'); ## scram-5802-5-i scram-5802-5-c
isnt(shown(new_root(@accounts), 'nobody@example.com'), $nobody, 'on another host the same name has another salt'); ## scram-5802-5-i

my @secret = stat "$root/passwords/.secret";
is($secret[7], 32, 'it comes from 32 octets'); ## scram-5802-5-i
is($secret[2] & 07777, 0600, 'that nobody else can read');

# POP3 has the same accounts, and so it must have the same inventions.
my ($output) = run('AUTH SCRAM-SHA-256 ' . encoded(client_first('nobody@example.com')) . "\r\n*\r\n", [ program('pop3-stdio'), '-d', $root ]);
my ($challenge) = $output =~ /^\+ (\S+)\r$/m;
is(defined $challenge ? decoded($challenge) =~ s/^r=[^,]*,//r : $output, $nobody, 'POP3 shows the same'); ## scram-5802-5-i

# Passwords come and go.
my ($removed) = run("secret\n", [ program('mailstore'), '-d', $root, 'remove', '-f', $bob ]);
my $gone = shown($root, $bob);
isnt($gone, join(',', map { "$_=$bob{$_}" } 's', 'i'), 'an account that was removed is no longer there');
is(shown($root, $bob), $gone, 'but looks as if it were'); ## scram-5802-5-i
is(length $gone, length $nobody, 'like any other'); ## scram-5802-5-i

# A verifier of crypt(3) serves PLAIN and LOGIN; with SCRAM it is no password at all.
open my $file, '>', "$root/passwords/example.com/crypt" or die;
print $file crypt('secret', '$6$saltsalt$'), "\n";
close $file or die;
SKIP: {
	my ($plain) = auth($root, [ '-p' ], 'AUTH PLAIN ' . plain('', 'crypt@example.com', 'secret'));
	skip('crypt(3) is not there', 2) if $plain !~ /^235 /;
	my $done = scram(greeted($root), 'crypt@example.com', 'secret', hang_up => 1);
	like($done->{reply}, qr/^535 5\.7\.8 /, 'an account with a verifier of crypt(3) cannot log in with SCRAM'); ## scram-5802-5-i
	is(length shown($root, 'crypt@example.com'), length $nobody, 'and looks like no account'); ## scram-5802-5-i
}

# A root that has never shown a salt, and many who ask at once: they all see the same one.
for my $round (1 .. 3) {
	my $fresh = new_root([ $bob, 'secret' ]);
	my $message = encoded(client_first('nobody@example.com', nonce => 'abcdefgh'));
	my @clients = map { start('smtp-stdio', $fresh, []) } 1 .. 8;
	$_->reply for @clients;
	$_->send("EHLO client.example\r\nAUTH SCRAM-SHA-256 $message\r\n*\r\nQUIT\r\n") for @clients;
	my %seen;
	for (@clients) {
		my ($text) = $_->rest =~ /^334 (\S+)\r$/m;
		$seen{defined $text ? decoded($text) =~ s/^r=[^,]*,//r : 'none'}++;
	}
	is(scalar(keys %seen), 1, 'many at once are shown the same salt') or diag explain \%seen; ## scram-5802-5-i
	is(shown($fresh, 'nobody@example.com'), (keys %seen)[0], 'and those who come later, too'); ## scram-5802-5-i
}

done_testing;
