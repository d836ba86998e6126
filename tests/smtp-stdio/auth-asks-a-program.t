# -A: another program knows the passwords.  So nothing is offered that would need to know
# them here, and what it says is what the client is told.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Scram qw(client_first encoded);
use SmtpAuth qw(auth plain);

my $root = new_root([ 'bob@example.com', 'in the files' ]);
my $asked = new_file('asked');
my $program = "$asked.sh";
open my $script, '>', $program or die "$program: $!\n";
print $script <<"EOT";
#!/bin/sh
# Says what the password is: a number is the exit status, KILL a signal.
tr '\\000' '\\n' <&3 >'$asked'
read -r password <<EOF2
\$(sed -n 2p '$asked')
EOF2
case \$password in
KILL)	kill -KILL \$\$;;
*)	exit "\$password";;
esac
EOT
close $script or die;
chmod 0755, $program;

sub keywords {
	my @flags = @_;
	my ($output) = run("EHLO client.example\r\nQUIT\r\n", [ program('smtp-stdio'), '-d', $root, '-A', $program, @flags ]);
	return join ' ', $output =~ /^250[- ]AUTH ([^\r\n]*)/mg;
}
is(keywords(), '', 'on an open line nothing is offered'); ## smtp-4954-3-a
is(keywords($_), 'PLAIN LOGIN', "$_: no SCRAM") for '-p', '-s'; ## smtp-4954-3-a
my $first = encoded(client_first('bob@example.com'));
like((auth($root, [ '-p', '-A', $program ], "AUTH SCRAM-SHA-256 $first"))[0], qr/^504 5\.5\.4 /, 'nor is it done'); ## smtp-4954-4-a smtp-4954-3-a
like((auth($root, [ '-A', $program ], 'AUTH PLAIN ' . plain('', 'bob@example.com', 0)))[0], qr/^538 5\.7\.11 /, 'PLAIN needs protection as ever'); ## smtp-4954-4-k

# One login with PLAIN, one with LOGIN: the same replies.
sub said {
	my ($user, $password, @flags) = @_;
	unlink $asked;
	@flags = ('-A', $program) unless @flags;
	my ($plain) = auth($root, [ '-p', @flags ], 'AUTH PLAIN ' . plain('', $user, $password));
	my ($login) = (auth($root, [ '-p', @flags ], 'AUTH LOGIN ' . encoded($user), encoded($password)))[1];
	return $plain eq $login ? $plain : "$plain, but for LOGIN $login";
}
like(said('bob@example.com', 0), qr/^235 2\.7\.0 /, 'yes'); ## smtp-4954-4-i
is(contents($asked) =~ s/\n[^\n]*\n\z/\n/r, "bob\@example.com\n0\n", 'it was asked with name and password');
like(said('bob@example.com', 1), qr/^535 5\.7\.8 /, 'no'); ## smtp-4954-4-h
like(said('bob@example.com', 'in the files'), qr/^454 4\.7\.0 /, 'the files are not asked: this is no answer'); ## smtp-4954-4-j
like(said('bob@example.com', 111), qr/^454 4\.7\.0 /, 'not now'); ## smtp-4954-4-j
like(said('bob@example.com', 'KILL'), qr/^454 4\.7\.0 /, 'killed'); ## smtp-4954-4-j
like(said('bob@example.com', 0, '-A', "$program.none"), qr/^454 4\.7\.0 /, 'a program that is not there'); ## smtp-4954-4-j
like(said('../bob@example.com', 0), qr/^535 5\.7\.8 /, 'a name that is no address'); ## smtp-4954-4-h
ok(!-e $asked, 'is not even asked about');

done_testing;
