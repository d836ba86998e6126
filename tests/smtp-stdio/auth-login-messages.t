# LOGIN asks for a name and a password, and it is the same ones that PLAIN takes.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Scram qw(encoded);
use SmtpAuth qw(auth);

my $bob = 'bob@example.com';
my $root = new_root([ $bob, 'secret' ], [ "j\xc3\xbcrgen\@example.com", "p\xc3\xa4ssword" ], [ 'long@example.com', 'y' x 500 ],
    'nopass@example.com');

# The codes of the replies, with the name as an answer and with the command.
sub login {
	my ($user, $password) = map { encoded($_) } @_;
	my ($asked, @answered) = auth($root, [ '-p' ], 'AUTH LOGIN', $user, $password, 'NOOP');
	return $asked if $asked ne '334 VXNlcm5hbWU6';
	my @at_once = auth($root, [ '-p' ], 'AUTH LOGIN ' . ($user eq '' ? '=' : $user), $password, 'NOOP');
	return 'with the command: ' . join ' ', @at_once if "@at_once" ne "@answered";
	return join ', ', map { /^(334 \S+|\d{3} \d\.\d\.\d)/ } @answered;
}

my $asked = '334 UGFzc3dvcmQ6';
is(login($bob, 'secret'), "$asked, 235 2.7.0, 250 2.0.0", 'name and password'); ## smtp-login-a
is(login('BOB@Example.COM', 'secret'), "$asked, 235 2.7.0, 250 2.0.0", 'a name in another case'); ## smtp-login-a sasl-prep
is(login("j\xc3\xbcrgen\@example.com", "p\xc3\xa4ssword"), "$asked, 235 2.7.0, 250 2.0.0", 'beyond ASCII'); ## smtp-login-a sasl-prep
is(login('long@example.com', 'y' x 500), "$asked, 235 2.7.0, 250 2.0.0", 'the longest password'); ## smtp-login-a

my @wrong = (
	[ 'a wrong password',               $bob, 'wrong' ],
	[ 'an empty password',              $bob, '' ],
	[ 'a password with a NUL',          $bob, "secret\0" ],
	[ 'a NUL and more behind it',       $bob, "secret\0x" ],
	[ 'a very long password',           $bob, 'x' x 9000 ],
	[ 'nobody',                         'nobody@example.com', 'secret' ],
	[ 'a domain that is not hosted',    'bob@elsewhere.example', 'secret' ],
	[ 'no domain',                      'bob', 'secret' ],
	[ 'a password that is not UTF-8',   $bob, "s\xe8cret" ],
	[ 'an account without a password',  'nopass@example.com', '' ],
	[ 'a path',                         '../example.com/bob', 'secret' ],
);
is(login(@$_[1, 2]), "$asked, 535 5.7.8, 250 2.0.0", $_->[0]) for @wrong; ## smtp-login-a smtp-4954-4-h

# Names that nobody can have: whether the password is still asked for does not matter.
my @impossible = (
	[ 'a name with a NUL',               "$bob\0" ],
	[ 'a name with a control character', "bob\@example.com\1" ],
	[ 'a name that is not UTF-8',        "b\xff\@example.com" ],
	[ 'a very long name',                'x' x 9000 ],
	[ 'an empty name',                   '' ],
);
like(login($_->[1], 'secret'), qr/^(?:\Q$asked\E, )?535 5\.7\.8, (?:500 5\.5\.2, )?250 2\.0\.0$/, $_->[0]) for @impossible; ## smtp-login-a sasl-prep

done_testing;
